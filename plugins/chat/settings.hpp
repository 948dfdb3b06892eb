// The settings of a chat instance. Plain data, read once by create.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/upstream.hpp"

namespace chat {

struct Settings {
    std::string base;  // what "/chat/completions" and "/models" are put behind
    std::string model;
    std::string apiKey;
    std::string systemPrompt;
    std::string reasoningEffort;
    std::optional<double> temperature;
    std::int64_t maxTokens = 0;     // 0 = the server's own
    std::int64_t maxImageSide = 0;  // pixels, 0 = as it is
    upstream::Json extraBody = upstream::Json::object();
};

// JSON Schema of the settings.
extern const char kSettingsSchema[];

// Throws ipl::Error kInvalidArgument that names the setting.
Settings readSettings(std::string_view json);

// What the host is to know of the vision role: JSON.
std::string visionCapabilities(const Settings& settings);

}  // namespace chat
