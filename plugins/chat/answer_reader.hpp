// The answer of a chat completion, streamed or whole, out of the bytes of a 2xx body: which of the
// two it is shows in its first bytes, not in what was asked for. Hands text over as it comes.
// Belongs to one thread. Everything unusable is thrown as ipl::Error: kUpstream for an error that
// the server reports (also in mid-stream), kBadOutput for the rest.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/sse_reader.hpp"
#include "common/upstream.hpp"

namespace chat {

inline constexpr std::size_t kMaxText = std::size_t{256} << 10;     // bytes of the answer itself
inline constexpr std::size_t kMaxReasoning = std::size_t{1} << 20;  // bytes of thinking
inline constexpr std::size_t kMaxBody = std::size_t{4} << 20;       // bytes of an unstreamed answer

// Where the answer goes. May throw.
class AnswerSink {
  public:
    virtual ~AnswerSink() = default;
    virtual void text(std::string_view piece) = 0;
    virtual void reasoning(std::string_view piece) = 0;
    virtual void promptProgress(double fraction) = 0;  // 0..1
    virtual void signOfLife() = 0;
};

class AnswerReader {
  public:
    explicit AnswerReader(AnswerSink& sink);

    // False once the answer is complete; what follows is of no interest.
    bool feed(std::string_view piece);
    // The body is over, or feed said false: throws unless there is an answer.
    void finish();

  private:
    enum class Form { Unknown, Stream, Whole };

    void takeEvent(std::string_view name, std::string_view data);
    void takeObject(const upstream::Json& object);
    void takeMessage(const upstream::Json& message);
    void addText(std::string_view piece);
    void addReasoning(std::string_view piece);
    [[noreturn]] void failEmpty() const;

    AnswerSink& sink_;
    upstream::SseReader events_;
    Form form_ = Form::Unknown;
    std::string body_;  // of a whole answer; the first bytes of a stream, to cite
    std::string text_;
    std::size_t reasoningBytes_ = 0;
    std::string finishReason_;
    bool sawObject_ = false;
    bool done_ = false;
};

}  // namespace chat
