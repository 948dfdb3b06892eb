// Reads the head of a request strictly. Poco::Net::HTTPRequest::read is not used for it: it takes
// folded fields and bare line feeds, and decodes RFC 2047 words inside values, which lets two
// parsers in a row disagree about where a request ends. Pure functions, no locking.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "http/request.hpp"

namespace host::http {

inline constexpr std::size_t kMaxHeadBytes = 64 * 1024;
inline constexpr std::size_t kMaxTargetBytes = 8 * 1024;
inline constexpr std::size_t kMaxHeaders = 100;

// Why a request is not taken.
struct Refusal {
    int status = 400;
    std::string message;
};

struct Head {
    Request request;  // without body, addresses and correlation id
    std::uint64_t contentLength = 0;
    bool chunked = false;
    bool keepAlive = true;
    bool expectContinue = false;
    bool http10 = false;

    bool hasBody() const { return chunked || contentLength > 0; }
};

// Looks for the end of a head at the front of `in`, going on at `scanned`, which it moves ahead.
// Gives the head's length with its empty line, 0 when more input is needed, or why it never will be
// one.
std::variant<std::size_t, Refusal> findHeadEnd(std::string_view in, std::size_t& scanned);

// `head` is what findHeadEnd found.
std::variant<Head, Refusal> parseHead(std::string_view head);

// The value of a complete X-Correlation-ID line in a head that may be refused, whatever bytes it
// holds; empty when there is none.
std::string correlationIdIn(std::string_view head);

}  // namespace host::http
