#include "http/conditions.hpp"

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/DateTimeParser.h>
#include <Poco/Exception.h>
#include <Poco/Timestamp.h>

#include <algorithm>
#include <charconv>

#include "http/text.hpp"

namespace host::http {

namespace {

std::optional<std::int64_t> parseHttpTime(const std::string& text) {
    Poco::DateTime time;
    int zone = 0;
    try {
        if (!Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::HTTP_FORMAT, text, time, zone)) {
            return std::nullopt;
        }
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
    return time.timestamp().epochTime() - zone;
}

// One of a list of tags is that one; W/ makes no difference here.
bool listsTag(std::string_view list, std::string_view etag) {
    while (true) {
        const std::size_t comma = list.find(',');
        std::string_view tag = trimmed(list.substr(0, comma));
        if (tag.starts_with("W/")) tag.remove_prefix(2);
        if (tag == "*" || tag == etag) return true;
        if (comma == std::string_view::npos) return false;
        list.remove_prefix(comma + 1);
    }
}

bool parseNumber(std::string_view text, std::uint64_t& number) {
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    return fault == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string httpTime(std::int64_t seconds) {
    return Poco::DateTimeFormatter::format(Poco::Timestamp::fromEpochTime(seconds),
                                           Poco::DateTimeFormat::HTTP_FORMAT);
}

bool isNotModified(const Request& request, const Validators& file) {
    if (const std::string* tags = request.headers.find("If-None-Match")) {
        return listsTag(*tags, file.etag);  // and then the date does not count
    }
    const std::string* since = request.headers.find("If-Modified-Since");
    if (since == nullptr) return false;
    const auto time = parseHttpTime(*since);
    return time && file.modified <= *time;
}

ByteRange wantedRange(const Request& request, const Validators& file, std::uint64_t size) {
    const ByteRange whole{ByteRange::Kind::Whole, 0, size};
    const std::string* header = request.headers.find("Range");
    if (header == nullptr || request.method != "GET") return whole;
    if (const std::string* condition = request.headers.find("If-Range")) {
        if (*condition != file.etag && parseHttpTime(*condition) != file.modified) return whole;
    }
    std::string_view text = *header;
    if (!text.starts_with("bytes=")) return whole;
    text = trimmed(text.substr(6));
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos || text.find(',') != std::string_view::npos) return whole;
    std::uint64_t first = 0;
    std::uint64_t last = size == 0 ? 0 : size - 1;
    if (dash == 0) {
        std::uint64_t count = 0;
        if (!parseNumber(text.substr(1), count)) return whole;
        if (count == 0 || size == 0) return {ByteRange::Kind::Unsatisfiable, 0, 0};
        first = size - std::min(count, size);
    } else {
        if (!parseNumber(text.substr(0, dash), first)) return whole;
        if (dash + 1 < text.size()) {
            std::uint64_t end = 0;
            if (!parseNumber(text.substr(dash + 1), end) || end < first) return whole;
            last = std::min(last, end);
        }
        if (first >= size) return {ByteRange::Kind::Unsatisfiable, 0, 0};
    }
    return {ByteRange::Kind::Part, first, last - first + 1};
}

}  // namespace host::http
