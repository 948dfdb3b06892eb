// A request as the front makes it of the first bytes of a connection, for what looks at requests.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "fuzz.hpp"
#include "http/head_parser.hpp"

namespace fuzz {

// Of the first head in the bytes; nothing when it is none.
inline std::optional<host::http::Request> requestOf(const std::uint8_t* data, std::size_t size) {
    std::string in(text(data, size));
    in += "\r\n\r\n";
    std::size_t scanned = 0;
    const auto end = host::http::findHeadEnd(in, scanned);
    if (end.index() == 1 || std::get<0>(end) == 0) return std::nullopt;
    auto head = host::http::parseHead(std::string_view(in).substr(0, std::get<0>(end)));
    if (head.index() == 1) return std::nullopt;
    return std::move(std::get<0>(head).request);
}

}  // namespace fuzz
