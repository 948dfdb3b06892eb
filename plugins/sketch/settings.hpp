#pragma once
// The settings of a sketch endpoint, as config.json may give them.

namespace sketch {

inline constexpr long kMaxDelayMs = 10000;

inline constexpr const char kSettingsSchema[] = R"({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "delay_ms_per_step": {
      "description": "Wait this long after every step, to make progress visible in a demonstration.",
      "type": "integer", "minimum": 0, "maximum": 10000, "default": 0
    }
  }
})";

}  // namespace sketch
