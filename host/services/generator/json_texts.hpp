// Texts of a JSON body that simdjson reads. Of one thread.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace host::services {

// Where escaped texts are written. The parser has such a buffer too, but never looks whether there
// was memory for it; this one throws std::bad_alloc.
class JsonTexts {
  public:
    JsonTexts(simdjson::ondemand::parser& parser, std::size_t bodySize)
        : parser_(parser),
          room_(std::make_unique_for_overwrite<std::uint8_t[]>(bodySize +
                                                               simdjson::SIMDJSON_PADDING)),
          next_(room_.get()) {}

    // A value that is a string.
    simdjson::error_code of(simdjson::ondemand::value& value, std::string_view& text) {
        return unescaped(value.get_raw_json_string(), text);
    }
    // The key of a member.
    simdjson::error_code of(simdjson::simdjson_result<simdjson::ondemand::field>& member,
                            std::string_view& text) {
        return unescaped(member.key(), text);
    }

  private:
    simdjson::error_code unescaped(
        const simdjson::simdjson_result<simdjson::ondemand::raw_json_string>& found,
        std::string_view& text) {
        if (const auto error = found.error()) return error;
        return parser_.unescape(found.value_unsafe(), next_).get(text);
    }

    simdjson::ondemand::parser& parser_;
    const std::unique_ptr<std::uint8_t[]> room_;
    std::uint8_t* next_;
};

}  // namespace host::services
