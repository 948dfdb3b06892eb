// Answers of chat servers: streamed or whole, the same however they are cut into pieces.
#include <string>

#include "chat/answer_reader.hpp"
#include "fuzz.hpp"

using fuzz::check;

namespace {

class Sink : public chat::AnswerSink {
  public:
    void text(std::string_view piece) override { said += piece; }
    void reasoning(std::string_view piece) override { thought += piece; }
    void promptProgress(double fraction) override {
        check(fraction >= 0 && fraction <= 1, "progress is a fraction");
    }
    void signOfLife() override {}
    std::string said;
    std::string thought;
};

struct Outcome {
    std::string said;
    std::string thought;
    ipl::Status status = ipl::Status::kOk;
};

Outcome read(const std::vector<std::string_view>& pieces) {
    Sink sink;
    chat::AnswerReader reader(sink);
    Outcome outcome;
    try {
        for (const std::string_view piece : pieces)
            if (!reader.feed(piece)) break;
        reader.finish();
        check(!sink.said.empty(), "an answer says something");
    } catch (const ipl::Error& error) {
        outcome.status = error.status();
        check(error.message().size() < 5000, "a message is bounded");
        upstream::Json(error.message()).dump();  // throws when it is no UTF-8
    }
    check(sink.said.size() <= chat::kMaxText && sink.thought.size() <= chat::kMaxReasoning,
          "an answer is bounded");
    outcome.said = std::move(sink.said);
    outcome.thought = std::move(sink.thought);
    upstream::Json(outcome.said).dump();
    return outcome;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body = fuzz::text(data, size);
    const Outcome whole = read({body});
    const Outcome inPieces = read(fuzz::pieces(body));
    check(whole.said == inPieces.said, "an answer says the same in pieces");
    check(whole.thought == inPieces.thought, "an answer thinks the same in pieces");
    check(whole.status == inPieces.status, "an answer ends the same in pieces");
    return 0;
}
