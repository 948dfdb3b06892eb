#include "chat/settings.hpp"

#include "common/openai_server.hpp"
#include "common/settings.hpp"

namespace chat {

namespace {

using upstream::Json;

constexpr std::int64_t kMaxImageSide = 2048;

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
    const Json json = upstream::settingsObject(text);
    Settings settings;
    settings.base = upstream::apiBase(upstream::textSetting(json, "url"), "/chat/completions");
    if (settings.base.empty())
        upstream::wrongSetting("url",
                               "expected the server's address, such as http://localhost:1234");
    settings.model = upstream::textSetting(json, "model");
    settings.apiKey = upstream::textSetting(json, "api_key");
    if (!upstream::isApiKey(settings.apiKey))
        upstream::wrongSetting("api_key", "a key holds no blanks or line ends");
    settings.systemPrompt = upstream::textSetting(json, "system_prompt");
    settings.reasoningEffort = upstream::textSetting(json, "reasoning_effort");
    settings.temperature = upstream::numberSetting(json, "temperature");
    settings.maxTokens = upstream::wholeSetting(json, "max_tokens", 1, 0);
    settings.maxImageSide = upstream::wholeSetting(json, "max_image_side", 0, kMaxImageSide);
    settings.extraBody = upstream::objectSetting(json, "extra_body");
    return settings;
}

// LM Studio refuses WebP, Ollama GIF: JPEG and PNG are what all of them read.
std::string visionCapabilities(const Settings& settings) {
    Json json{{"image_formats", {"image/jpeg", "image/png"}}};
    if (settings.maxImageSide > 0) json["max_image_side"] = settings.maxImageSide;
    return upstream::dump(json);
}

}  // namespace chat
