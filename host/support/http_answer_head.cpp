#include "support/http_answer_head.hpp"

#include <algorithm>
#include <charconv>

#include "support/http_url.hpp"
#include "support/text.hpp"

namespace host {

HttpAnswerHead::State HttpAnswerHead::take(std::string_view line) {
    bytes_ += line.size();
    if (bytes_ > kMaxBytes) state_ = State::TooLarge;
    if (state_ != State::Open) return state_;
    const std::string_view text = trim(line);
    if (text.empty() && line.find_first_of(" \t") == std::string_view::npos) {
        // After an interim answer the real one follows.
        if (status_ >= 200) state_ = State::Whole;
        return state_;
    }
    if (const int status = httpStatusOf(line); status != 0) {
        status_ = status;
        headers_.clear();
        return state_;
    }
    const std::size_t colon = text.find(':');
    // What begins with a blank goes on with the value before it, which nobody sends any more.
    if (colon == std::string_view::npos || line.front() == ' ' || line.front() == '\t')
        return state_;
    const std::string_view name = trim(text.substr(0, colon));
    const std::string_view value = trim(text.substr(colon + 1));
    if (isHttpToken(name) && isHttpFieldValue(value)) headers_.emplace_back(toLower(name), value);
    return state_;
}

bool HttpAnswerHead::announcesMoreThan(std::uint64_t bytes) const {
    return std::any_of(headers_.begin(), headers_.end(), [bytes](const auto& header) {
        const auto& [name, value] = header;
        if (name != "content-length") return false;
        std::uint64_t length = 0;
        const auto parsed = std::from_chars(value.data(), value.data() + value.size(), length);
        return parsed.ec == std::errc::result_out_of_range ||
               (parsed.ec == std::errc() && length > bytes);
    });
}

}  // namespace host
