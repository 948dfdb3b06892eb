#include "common/large_json.hpp"

#include <simdjson.h>

namespace upstream {

namespace {

constexpr std::size_t kMaxDepth = 64;  // so that the recursion below is bounded

Json convert(simdjson::dom::element value) {
    using Type = simdjson::dom::element_type;
    switch (value.type()) {
        case Type::OBJECT: {
            Json object = Json::object();
            for (const auto& [key, member] : simdjson::dom::object(value))
                object[std::string(key)] = convert(member);
            return object;
        }
        case Type::ARRAY: {
            Json array = Json::array();
            for (const auto element : simdjson::dom::array(value))
                array.push_back(convert(element));
            return array;
        }
        case Type::STRING:
            return std::string(std::string_view(value));
        case Type::INT64: {
            // As the other parser does it: unsigned where that can be.
            const std::int64_t number(value);
            return number < 0 ? Json(number) : Json(static_cast<std::uint64_t>(number));
        }
        case Type::UINT64:
            return std::uint64_t(value);
        case Type::DOUBLE:
            return double(value);
        case Type::BOOL:
            return bool(value);
        default:
            return {};
    }
}

}  // namespace

std::optional<Json> parseLargeJson(std::string_view text) {
    simdjson::dom::parser parser;
    if (parser.allocate(text.size(), kMaxDepth) != simdjson::SUCCESS) return std::nullopt;
    simdjson::dom::element document;
    if (parser.parse(text.data(), text.size()).get(document) != simdjson::SUCCESS)
        return std::nullopt;
    return convert(document);
}

}  // namespace upstream
