#include "chat/settings.hpp"

#include "common/openai_server.hpp"

namespace chat {

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;

constexpr std::int64_t kMaxImageSide = 2048;

// An absent or null setting is as good as an empty one.
std::string textSetting(const Json& json, const std::string& name) {
    auto value = json.find(name);
    if (value == json.end() || value->is_null()) return {};
    if (!value->is_string()) throw Error(Status::kInvalidArgument, "expected text", "/" + name);
    return value->get<std::string>();
}

std::optional<double> numberSetting(const Json& json, const std::string& name) {
    auto value = json.find(name);
    if (value == json.end() || value->is_null()) return std::nullopt;
    if (!value->is_number()) throw Error(Status::kInvalidArgument, "expected a number", "/" + name);
    return value->get<double>();
}

std::int64_t wholeSetting(const Json& json, const std::string& name, std::int64_t min,
                          std::int64_t absent) {
    auto value = json.find(name);
    if (value == json.end() || value->is_null()) return absent;
    if (!value->is_number_integer() || *value < min)
        throw Error(Status::kInvalidArgument,
                    "expected a whole number of at least " + std::to_string(min), "/" + name);
    return value->get<std::int64_t>();
}

}  // namespace

constexpr char kSettingsSchema[] = R"({
    "type": "object",
    "properties": {
        "url": {
            "type": "string", "minLength": 1,
            "description": "Where the server is, with or without /v1: http://localhost:1234 (LM Studio), http://localhost:11434 (Ollama), http://localhost:8080 (llama-server), http://localhost:8000 (vLLM). An address that ends in /chat/completions is used as it stands."
        },
        "model": {
            "type": "string", "default": "",
            "description": "Name of the model; empty: the first one that the server lists"
        },
        "api_key": {
            "type": "string", "default": "",
            "description": "Sent as Authorization: Bearer; empty: not sent"
        },
        "temperature": {
            "type": "number", "minimum": 0, "maximum": 2,
            "description": "For requests that set none; absent: the server's own"
        },
        "max_tokens": {
            "type": "integer", "minimum": 1,
            "description": "Bound on the answer, thinking included, for requests that set none; absent: the server's own"
        },
        "system_prompt": {
            "type": "string", "default": "",
            "description": "Put before the instructions of every request, such as /no_think"
        },
        "reasoning_effort": {
            "type": "string", "default": "",
            "description": "How much the model thinks: none, low, medium or high, as far as the server knows it; empty: not sent"
        },
        "max_image_side": {
            "type": "integer", "minimum": 0, "maximum": 16384, "default": 2048,
            "description": "Pictures are made smaller until neither side is longer than so many pixels before they are sent; 0: sent as they are. Vision only"
        },
        "extra_body": {
            "type": "object", "default": {},
            "description": "Merged into every request, for what a server knows beyond this, such as {\"top_k\": 40}; a null takes a field off; messages and stream stay as they are"
        }
    },
    "required": ["url"],
    "additionalProperties": false
})";

Settings readSettings(std::string_view text) {
    auto json = upstream::parseJson(text.empty() ? "{}" : text);
    if (!json || !json->is_object())
        throw Error(Status::kInvalidArgument, "the settings are not a JSON object");
    Settings settings;
    settings.base = upstream::apiBase(textSetting(*json, "url"), "/chat/completions");
    if (settings.base.empty())
        throw Error(Status::kInvalidArgument,
                    "expected the server's address, such as http://localhost:1234", "/url");
    settings.model = textSetting(*json, "model");
    settings.apiKey = textSetting(*json, "api_key");
    if (!upstream::isApiKey(settings.apiKey))
        throw Error(Status::kInvalidArgument, "a key holds no blanks or line ends", "/api_key");
    settings.systemPrompt = textSetting(*json, "system_prompt");
    settings.reasoningEffort = textSetting(*json, "reasoning_effort");
    settings.temperature = numberSetting(*json, "temperature");
    settings.maxTokens = wholeSetting(*json, "max_tokens", 1, 0);
    settings.maxImageSide = wholeSetting(*json, "max_image_side", 0, kMaxImageSide);
    auto extra = json->find("extra_body");
    if (extra != json->end() && !extra->is_null()) {
        if (!extra->is_object())
            throw Error(Status::kInvalidArgument, "expected an object", "/extra_body");
        settings.extraBody = *extra;
    }
    return settings;
}

// LM Studio refuses WebP, Ollama GIF: JPEG and PNG are what all of them read.
std::string visionCapabilities(const Settings& settings) {
    Json json{{"image_formats", {"image/jpeg", "image/png"}}};
    if (settings.maxImageSide > 0) json["max_image_side"] = settings.maxImageSide;
    return upstream::dump(json);
}

}  // namespace chat
