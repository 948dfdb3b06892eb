// Fields of a request's query, each with its fault as the contract wants it. Pure functions.
#pragma once

#include <charconv>
#include <optional>
#include <string>

#include "http/request.hpp"
#include "support/error.hpp"

namespace host::services {

template <typename Number>
std::optional<Number> wholeNumber(const std::string& text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// `limit`, from 1 to `most`.
Result<int> limitOf(const http::Request& request, int fallback, int most);
// true, 1, yes or false, 0, no; false when it is not there.
Result<bool> flagOf(const http::Request& request, const std::string& name);

}  // namespace host::services
