#include "chat/answer_reader.hpp"

#include <algorithm>

#include "chat/errors.hpp"

namespace chat {

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;

constexpr std::string_view kBlank = " \t\r\n";
constexpr std::size_t kCited = 2048;

[[noreturn]] void badOutput(const std::string& message) {
    throw Error(Status::kBadOutput, message);
}

std::string_view trimmed(std::string_view text) {
    std::size_t first = text.find_first_not_of(kBlank);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// The text in a `content`: a string, or a list of parts.
std::string textOf(const Json& content) {
    if (content.is_string()) return content.get<std::string>();
    std::string out;
    if (!content.is_array()) return out;
    for (const auto& part : content) {
        if (!part.is_object()) continue;
        auto text = part.find("text");
        if (text != part.end() && text->is_string()) out += text->get_ref<const std::string&>();
    }
    return out;
}

// True when inline thinking is all there is.
bool isOnlyThinking(std::string_view text) {
    constexpr std::string_view kOpen = "<think>";
    constexpr std::string_view kClose = "</think>";
    if (text.ends_with(kClose)) return true;
    return text.starts_with(kOpen) && text.find(kClose) == text.npos;
}

}  // namespace

AnswerReader::AnswerReader(AnswerSink& sink)
    : sink_(sink),
      events_([this](std::string_view name, std::string_view data) { takeEvent(name, data); },
              [this] { sink_.signOfLife(); }) {}

bool AnswerReader::feed(std::string_view piece) {
    if (form_ == Form::Unknown) {
        std::size_t first = piece.find_first_not_of(kBlank);
        if (first == piece.npos) return true;
        piece.remove_prefix(first);
        // No line of a stream begins with a brace, and no JSON answer with anything else.
        form_ = piece.front() == '{' ? Form::Whole : Form::Stream;
    }
    if (form_ == Form::Whole) {
        if (body_.size() + piece.size() > kMaxBody) badOutput("the answer has no end (over 4 MiB)");
        body_ += piece;
        return true;
    }
    if (body_.size() < kCited) body_ += piece.substr(0, kCited - body_.size());
    events_.feed(piece);
    return !done_;
}

void AnswerReader::finish() {
    if (form_ == Form::Whole) {
        auto object = upstream::parseJson(body_);
        if (!object) badOutput("the answer is not valid JSON: " + upstream::excerpt(body_));
        takeObject(*object);
        done_ = true;
    } else if (!done_) {
        events_.finish();
    }
    if (!sawObject_)
        badOutput(body_.empty() ? "the server sent an empty answer"
                                : "the answer is no chat completion: " + upstream::excerpt(body_));
    auto text = trimmed(text_);
    if (!done_ && finishReason_.empty()) badOutput("the stream ended in the middle of the answer");
    if (text.empty() || isOnlyThinking(text)) failEmpty();
}

void AnswerReader::failEmpty() const {
    bool thought = reasoningBytes_ > 0 || !trimmed(text_).empty();
    if (thought && finishReason_ == "length")
        badOutput(
            "max_tokens ran out while the model was still thinking: raise max_tokens or switch "
            "thinking off (reasoning_effort \"none\")");
    if (thought) badOutput("the model only thought and gave no answer");
    std::string why;
    if (!finishReason_.empty())
        why = " (finish_reason " + upstream::excerpt(finishReason_, 40) + ")";
    badOutput("the model's answer is empty" + why);
}

void AnswerReader::takeEvent(std::string_view name, std::string_view data) {
    if (done_ || trimmed(data).empty()) return;
    if (trimmed(data) == "[DONE]") {
        done_ = true;
        return;
    }
    auto object = upstream::parseJson(data);
    if (name == "error") throw streamError(object ? *object : Json(data));
    if (!object)
        badOutput("the stream holds an event that is not valid JSON: " + upstream::excerpt(data));
    takeObject(*object);
}

void AnswerReader::takeObject(const Json& object) {
    if (!object.is_object()) return;
    if (auto error = object.find("error"); error != object.end() && !error->is_null())
        throw streamError(*error);
    if (auto progress = object.find("prompt_progress");
        progress != object.end() && progress->is_object()) {
        auto processed = progress->value("processed", Json());
        auto total = progress->value("total", Json());
        if (processed.is_number() && total.is_number() && total > 0)
            sink_.promptProgress(
                std::clamp(processed.get<double>() / total.get<double>(), 0.0, 1.0));
    }
    auto choices = object.find("choices");
    if (choices == object.end() || !choices->is_array()) return;
    sawObject_ = true;  // also an empty list: the usage comes that way
    for (const auto& choice : *choices) {
        if (!choice.is_object() || choice.value("index", Json(0)) != 0) continue;
        if (auto delta = choice.find("delta"); delta != choice.end()) takeMessage(*delta);
        if (auto message = choice.find("message"); message != choice.end()) takeMessage(*message);
        if (auto reason = choice.find("finish_reason");
            reason != choice.end() && reason->is_string())
            finishReason_ = reason->get<std::string>();
    }
}

void AnswerReader::takeMessage(const Json& message) {
    if (!message.is_object()) return;
    // The one field was renamed to the other; some servers send both with the same words.
    for (const char* name : {"reasoning_content", "reasoning"}) {
        auto reasoning = message.find(name);
        if (reasoning == message.end() || !reasoning->is_string()) continue;
        addReasoning(reasoning->get_ref<const std::string&>());
        break;
    }
    if (auto content = message.find("content"); content != message.end()) addText(textOf(*content));
}

void AnswerReader::addText(std::string_view piece) {
    if (piece.empty()) return;
    if (text_.size() + piece.size() > kMaxText)
        badOutput("the model does not stop writing (over 256 KiB)");
    text_ += piece;
    sink_.text(piece);
}

void AnswerReader::addReasoning(std::string_view piece) {
    if (piece.empty()) return;
    reasoningBytes_ += piece.size();
    if (reasoningBytes_ > kMaxReasoning) badOutput("the model does not stop thinking (over 1 MiB)");
    sink_.reasoning(piece);
}

}  // namespace chat
