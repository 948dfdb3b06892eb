// The events of POST /v1/images/* with `stream`: partial pictures while a backend shows any, each
// picture when it is there, an error when there is none. [EventHub's reader thread]
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "http/event_stream.hpp"
#include "services/calls/answer_body.hpp"
#include "services/calls/start_call.hpp"
#include "services/context.hpp"
#include "services/openai/image_reply.hpp"

namespace host::services {

class ImageStream : public http::EventSource {
  public:
    // `prefix`: "image_generation" or "image_edit".
    ImageStream(const Context& context, StartedCall call, ImageReplyOptions options,
                std::string prefix, int partialImages);

    http::EventBatch read(std::uint64_t cursor, std::size_t maxBytes) override;

  private:
    void take(const std::string& events);
    void addPartial(const Json& state);
    void addCompleted(const Json& image);
    void finish();
    std::string fields(const std::string& type, const std::string& format) const;

    const Context& context_;
    const StartedCall call_;
    const ImageReplyOptions options_;
    const std::string prefix_;
    const int partialImages_;
    AnswerBody out_;               // events on their way
    std::map<int, int> partials_;  // sent so far, by run
    std::set<std::string> sent_;   // file names
    bool looked_ = false;
    bool over_ = false;
};

}  // namespace host::services
