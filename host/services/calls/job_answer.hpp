// The answer of a call that waits for a whole job: parked until the job is over, then what the
// protocol makes of it, sent piece by piece. Reads the event log; nothing polls.
// [EventHub's reader thread, but for the constructor and begin()]
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/late_answer.hpp"
#include "services/calls/answer_body.hpp"
#include "services/calls/start_call.hpp"
#include "services/context.hpp"

namespace host::services {

struct JobReply {
    int status = 200;
    std::string type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;  // beside the type and the length
    AnswerBody body;
};

// What the protocol answers for a job that is over, as GET /api/v1/status shows it. Nothing: not
// yet; asked again when the EventHub is woken.
using MakeReply = std::function<std::optional<JobReply>(const Json& job)>;

class JobAnswer : public http::LateAnswer {
  public:
    // `path` is where the call came in: errors have the shape of its protocol.
    JobAnswer(const Context& context, StartedCall call, std::string path, MakeReply make);

    void begin(std::string commonFields, std::unique_ptr<http::LateReport> report) override;
    http::EventBatch read(std::uint64_t cursor, std::size_t maxBytes) override;

  private:
    // False: not yet.
    bool makeReply();

    const Context& context_;
    const StartedCall call_;
    const std::string path_;
    const MakeReply make_;
    std::string fields_;
    std::unique_ptr<http::LateReport> report_;
    AnswerBody out_;                   // the whole answer, once it is made
    std::optional<Result<Json>> job_;  // once it is over
    bool made_ = false;
    bool looked_ = false;  // whether the job was over before its first event could be seen
};

}  // namespace host::services
