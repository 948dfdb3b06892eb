#include "openai_images/settings.hpp"

#include <algorithm>

#include "common/openai_server.hpp"
#include "ipl/error.hpp"

namespace openai_images {

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;

constexpr std::size_t kMaxSizes = 32;

[[noreturn]] void wrong(const char* name, const char* expected) {
    throw Error(Status::kInvalidArgument, expected, std::string("/") + name);
}

std::string textAt(const Json& settings, const char* name) {
    const auto found = settings.find(name);
    if (found == settings.end() || found->is_null()) return {};
    if (!found->is_string()) wrong(name, "expected a text");
    return found->get<std::string>();
}

bool flagAt(const Json& settings, const char* name, bool absent) {
    const auto found = settings.find(name);
    if (found == settings.end() || found->is_null()) return absent;
    if (!found->is_boolean()) wrong(name, "expected true or false");
    return found->get<bool>();
}

std::vector<std::string> textsAt(const Json& settings, const char* name) {
    std::vector<std::string> texts;
    const auto found = settings.find(name);
    if (found == settings.end() || found->is_null()) return texts;
    if (!found->is_array() || found->size() > kMaxSizes) wrong(name, "expected a list of texts");
    for (const Json& each : *found) {
        if (!each.is_string()) wrong(name, "expected a list of texts");
        texts.push_back(each.get<std::string>());
    }
    return texts;
}

}  // namespace

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

Settings readSettings(std::string_view json) {
    const auto parsed = upstream::parseJson(json.empty() ? "{}" : json);
    if (!parsed || !parsed->is_object())
        throw Error(Status::kInvalidArgument, "the settings are not a JSON object");
    Settings settings;
    settings.base = upstream::apiBase(textAt(*parsed, "url"), "/images/generations");
    if (settings.base.empty())
        wrong("url", "expected the server's address, such as https://api.openai.com");
    settings.apiKey = textAt(*parsed, "api_key");
    if (!upstream::isApiKey(settings.apiKey))
        wrong("api_key", "a key holds no blanks or line ends");
    settings.model = textAt(*parsed, "model");
    settings.quality = textAt(*parsed, "quality");
    settings.background = textAt(*parsed, "background");
    settings.outputFormat = textAt(*parsed, "output_format");
    settings.style = textAt(*parsed, "style");
    settings.fields = textsAt(*parsed, "fields");
    settings.previews = flagAt(*parsed, "previews", true);
    const std::string mask = textAt(*parsed, "mask");
    if (!mask.empty() && mask != "alpha" && mask != "white")
        wrong("mask", "expected \"alpha\" or \"white\"");
    settings.alphaMask = mask != "white";
    for (const std::string& text : textsAt(*parsed, "sizes")) {
        const auto size = readSize(text);
        if (!size) wrong("sizes", "expected sizes such as \"1024x1024\"");
        settings.sizes.push_back(*size);
    }
    if (settings.sizes.empty()) settings.sizes = sizesOf(settings.model);
    if (const auto extra = parsed->find("extra"); extra != parsed->end() && !extra->is_null()) {
        if (!extra->is_object()) wrong("extra", "expected an object");
        settings.extra = *extra;
    }
    return settings;
}

}  // namespace openai_images
