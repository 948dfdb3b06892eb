// JSON and base64 of backends: large texts, which have a parser of their own, mean the same.
#include <cmath>
#include <string>

#include "common/base64.hpp"
#include "common/large_json.hpp"
#include "fuzz.hpp"

using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text(data, size);
    if (const auto fast = upstream::parseLargeJson(text)) {
        const auto plain = upstream::parseJson(text);
        check(plain.has_value(), "both parsers take it");
        // The last digit of a number may differ, and what -0 is.
        check((fast->type() == plain->type() || *plain == 0) && fast->size() == plain->size(),
              "both read the same");
        if (plain->is_string()) check(*fast == *plain, "a text is the same");
    }
    if (const auto bytes = upstream::fromBase64(text)) {
        check(bytes->size() <= size, "base64 does not grow");
        check(upstream::fromBase64(upstream::base64(*bytes)) == *bytes, "base64 there and back");
    }
    return 0;
}
