// What config.json says of one server that speaks OpenAI's images API. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/upstream.hpp"
#include "openai_images/sizes.hpp"

namespace openai_images {

struct Settings {
    std::string base;  // what "/images/generations" is put behind
    std::string apiKey;
    std::string model;  // this and the next ones: empty = not sent, the server's own
    std::string quality;
    std::string background;
    std::string outputFormat;
    std::string style;
    std::vector<Size> sizes;          // empty = those the model is known for
    std::vector<std::string> fields;  // of the request, besides OpenAI's: "seed" and so on
    bool alphaMask = true;            // a mask says by transparency what to repaint
    bool previews = true;
    upstream::Json extra = upstream::Json::object();  // laid over every request

    bool sends(std::string_view field) const;
};

// JSON Schema of the settings object.
extern const char kSettingsSchema[];

// Throws ipl::Error kInvalidArgument with the setting that is wrong.
Settings readSettings(std::string_view json);

}  // namespace openai_images
