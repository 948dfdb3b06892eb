// The events of POST /v1/images/* with `stream`: partial pictures while a backend shows any, each
// picture when it is there, an error when there is none. [EventHub's reader thread]
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "http/event_stream.hpp"
#include "services/calls/answer_body.hpp"
#include "services/calls/start_call.hpp"
#include "services/context.hpp"
#include "services/openai/image_options.hpp"
#include "services/openai/image_reply.hpp"

namespace host::services {

class ImageStream : public http::EventSource {
  public:
    // `prefix`: "image_generation" or "image_edit". `conversions` outlives the stream.
    ImageStream(const Context& context, PictureConversions& conversions, StartedCall call,
                ImageReplyOptions options, const ImageOptions& wanted, std::string prefix);

    http::EventBatch read(std::uint64_t cursor, std::size_t maxBytes) override;

  private:
    http::EventBatch readOn(std::uint64_t cursor, std::size_t maxBytes);
    void take(const std::string& events);
    void addPartial(const Json& state);
    void addCompleted(const Json& image);
    void send(const std::string& name, const std::string& size, const ImageReplyOptions& options);
    void sendConverted();
    void jobIsOver();
    void finish();
    static std::string fields(const std::string& type, const std::string& format,
                              const std::string& size);

    struct Converting {
        std::string name;
        std::string size;
        std::shared_ptr<const PictureConversion> picture;
    };

    const Context& context_;
    PictureConversions& conversions_;
    const StartedCall call_;
    const ImageReplyOptions options_;
    const std::string prefix_;
    const ImageOptions wanted_;
    AnswerBody out_;               // events on their way
    std::map<int, int> partials_;  // sent so far, by run
    std::set<std::string> seen_;   // file names
    std::deque<Converting> converting_;
    bool anySent_ = false;
    bool looked_ = false;
    bool jobOver_ = false;
    bool over_ = false;
};

}  // namespace host::services
