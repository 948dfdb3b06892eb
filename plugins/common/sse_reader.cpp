#include "common/sse_reader.hpp"

#include "ipl/error.hpp"

namespace upstream {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

void SseReader::feed(std::string_view piece) {
    while (!piece.empty()) {
        if (afterCr_ && piece.front() == '\n') piece.remove_prefix(1);
        afterCr_ = false;
        std::size_t end = piece.find_first_of("\r\n");
        std::string_view part = piece.substr(0, end);
        if (line_.size() + part.size() > maxEvent_) tooLong();
        line_ += part;
        if (end == piece.npos) return;
        afterCr_ = piece[end] == '\r';
        piece.remove_prefix(end + 1);
        takeLine();
        line_.clear();
    }
}

void SseReader::tooLong() const {
    throw ipl::Error(ipl::Status::kBadOutput, "the server sent an event without an end (over " +
                                                  std::to_string(maxEvent_ >> 20) + " MiB)");
}

void SseReader::finish() {
    if (!line_.empty()) takeLine();
    line_.clear();
    dispatch();
}

void SseReader::takeLine() {
    std::string_view line = line_;
    if (first_ && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    first_ = false;
    if (line.empty()) return dispatch();
    std::size_t colon = line.find(':');
    std::string_view field = line.substr(0, colon);
    std::string_view value = colon == line.npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (colon == 0) {
        if (onComment_) onComment_();
    } else if (field == "data") {
        if (data_.size() + value.size() > maxEvent_) tooLong();
        if (hasData_) data_ += '\n';
        data_ += value;
        hasData_ = true;
    } else if (field == "event") {
        name_ = value;
    }
}

void SseReader::dispatch() {
    // Taken out first: the callback may throw.
    std::string name = std::move(name_);
    std::string data = std::move(data_);
    bool hasData = hasData_;
    name_.clear();
    data_.clear();
    hasData_ = false;
    if (hasData) onEvent_(name, data);
}

}  // namespace upstream
