#include "http/chunked.hpp"

#include <algorithm>
#include <charconv>

#include "http/text.hpp"

namespace host::http {

namespace {

constexpr std::size_t kMaxSizeLine = 256;
constexpr std::size_t kMaxTrailerBytes = 8 * 1024;

// The size in a line "1a3;extension". False when it is none.
bool parseSize(std::string_view line, std::uint64_t& size) {
    const std::string_view digits = line.substr(0, line.find(';'));
    const auto [end, fault] =
        std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
    return fault == std::errc() && !digits.empty() && end == digits.data() + digits.size() &&
           digits.size() <= 16;
}

}  // namespace

void ChunkedDecoder::endLine(std::uint64_t bodySize, std::uint64_t limit) {
    const std::string line = std::move(line_);
    line_.clear();
    // Every line ends in CRLF, and holds no control character before it.
    if (line.empty() || line.back() != '\r' ||
        hasControls(std::string_view(line).substr(0, line.size() - 1))) {
        state_ = State::Malformed;
    } else if (state_ == State::DataEnd) {
        state_ = line.size() == 1 ? State::Size : State::Malformed;
    } else if (state_ == State::Trailer) {
        if (line.size() == 1) state_ = State::Done;
    } else if (!parseSize(std::string_view(line).substr(0, line.size() - 1), left_)) {
        state_ = State::Malformed;
    } else if (left_ > limit - std::min(limit, bodySize)) {
        state_ = State::TooLong;
    } else {
        state_ = left_ == 0 ? State::Trailer : State::Data;
    }
}

std::size_t ChunkedDecoder::feed(std::string_view in, std::string& body, std::uint64_t limit) {
    std::size_t used = 0;
    while (used < in.size()) {
        if (state_ == State::Data) {
            const auto part =
                static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size() - used));
            body.append(in.data() + used, part);
            used += part;
            left_ -= part;
            if (left_ == 0) state_ = State::DataEnd;
            continue;
        }
        if (state_ == State::Done || state_ == State::Malformed || state_ == State::TooLong) break;
        const std::size_t feed = in.find('\n', used);
        const std::size_t end = feed == std::string_view::npos ? in.size() : feed;
        line_.append(in.data() + used, std::min(end - used, kMaxTrailerBytes + 1));
        if (state_ == State::Trailer) trailerBytes_ += end - used;
        used = feed == std::string_view::npos ? end : feed + 1;
        const std::size_t most = state_ == State::Trailer ? kMaxTrailerBytes : kMaxSizeLine;
        if (line_.size() > most || trailerBytes_ > kMaxTrailerBytes) {
            state_ = State::Malformed;
        } else if (feed != std::string_view::npos) {
            endLine(body.size(), limit);
        }
    }
    return used;
}

}  // namespace host::http
