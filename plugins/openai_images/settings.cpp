#include "openai_images/settings.hpp"

#include <algorithm>

#include "common/openai_server.hpp"
#include "common/settings.hpp"

namespace openai_images {

constexpr char kSettingsSchema[] = R"({
    "type": "object",
    "properties": {
        "url": {
            "type": "string", "minLength": 1,
            "description": "Where the server is, with or without /v1: https://api.openai.com, http://192.168.5.40:1234 or another host of this kind, http://192.168.5.41:5050"
        },
        "api_key": {
            "type": "string", "default": "",
            "description": "Sent as Authorization: Bearer; empty: not sent"
        },
        "model": {
            "type": "string", "default": "",
            "description": "Name of the model, such as gpt-image-1; empty: the server's own"
        },
        "sizes": {
            "type": "array", "maxItems": 32, "items": {"type": "string"},
            "description": "Sizes the model draws, such as [\"1024x1024\", \"1536x1024\"]; absent: those OpenAI names for its models, any size for others. The one nearest in shape, then in area, is asked for"
        },
        "quality": {"type": "string", "default": "", "description": "low, medium, high, hd and so on, as the model knows it"},
        "background": {"type": "string", "default": "", "description": "transparent, opaque or auto"},
        "output_format": {"type": "string", "default": "", "description": "png, jpeg or webp"},
        "style": {"type": "string", "default": "", "description": "vivid or natural; dall-e-3 only"},
        "fields": {
            "type": "array", "maxItems": 32,
            "items": {"enum": ["seed", "negative_prompt", "steps", "guidance_scale", "strength"]},
            "description": "What the server takes beyond OpenAI's API, under these names; another host of this kind takes all of them"
        },
        "mask": {
            "enum": ["alpha", "white"], "default": "alpha",
            "description": "How a mask says what is to be repainted: by transparency, as OpenAI wants it, or by white"
        },
        "previews": {
            "type": "boolean", "default": true,
            "description": "Whether to ask for partial images while a picture is drawn"
        },
        "extra": {
            "type": "object", "default": {},
            "description": "Further fields of every request, sent as they are"
        }
    },
    "required": ["url"],
    "additionalProperties": false
})";

bool Settings::sends(std::string_view field) const {
    return std::ranges::find(fields, field) != fields.end();
}

Settings readSettings(std::string_view text) {
    const upstream::Json json = upstream::settingsObject(text);
    Settings settings;
    settings.base = upstream::apiBase(upstream::textSetting(json, "url"), "/images/generations");
    if (settings.base.empty())
        upstream::wrongSetting("url",
                               "expected the server's address, such as https://api.openai.com");
    settings.apiKey = upstream::textSetting(json, "api_key");
    if (!upstream::isApiKey(settings.apiKey))
        upstream::wrongSetting("api_key", "a key holds no blanks or line ends");
    settings.model = upstream::textSetting(json, "model");
    settings.quality = upstream::textSetting(json, "quality");
    settings.background = upstream::textSetting(json, "background");
    settings.outputFormat = upstream::textSetting(json, "output_format");
    settings.style = upstream::textSetting(json, "style");
    settings.fields = upstream::textsSetting(json, "fields");
    settings.previews = upstream::flagSetting(json, "previews", true);
    settings.extra = upstream::objectSetting(json, "extra");
    const std::string mask = upstream::textSetting(json, "mask");
    if (!mask.empty() && mask != "alpha" && mask != "white")
        upstream::wrongSetting("mask", "expected \"alpha\" or \"white\"");
    settings.alphaMask = mask != "white";
    for (const std::string& each : upstream::textsSetting(json, "sizes")) {
        const auto size = readSize(each);
        if (!size) upstream::wrongSetting("sizes", "expected sizes such as \"1024x1024\"");
        settings.sizes.push_back(*size);
    }
    if (settings.sizes.empty()) settings.sizes = sizesOf(settings.model);
    return settings;
}

}  // namespace openai_images
