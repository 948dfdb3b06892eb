// What config.json says of one server that speaks A1111's API.
#pragma once

#include <string>
#include <string_view>

#include "common/upstream.hpp"

namespace a1111 {

struct Settings {
    std::string url;            // without a slash at the end
    std::string authorization;  // value of that header, or empty
    std::string sampler;        // the rest: empty = the server's own
    std::string scheduler;
    std::string model;
    upstream::Json overrideSettings = upstream::Json::object();
    upstream::Json extra = upstream::Json::object();  // laid over the body of every request
    bool previews = true;
};

// JSON Schema of the settings object.
constexpr char kSettingsSchema[] = R"({
    "type": "object",
    "properties": {
        "url": {
            "type": "string", "minLength": 8, "maxLength": 2000,
            "description": "Address of the server, such as http://192.168.5.40:7860"
        },
        "user": {"type": "string", "default": "", "description": "For --api-auth"},
        "password": {"type": "string", "default": "", "description": "For --api-auth"},
        "sampler": {
            "type": "string", "default": "",
            "description": "Name of the sampler as the server lists it, or an alias; empty: the server's own"
        },
        "scheduler": {
            "type": "string", "default": "",
            "description": "Name of the scheduler as the server lists it; empty: the server's own"
        },
        "model": {
            "type": "string", "default": "",
            "description": "Checkpoint, as the server lists it (title, file, hash or a part of the title); empty: the one that is loaded"
        },
        "override_settings": {
            "type": "object", "default": {},
            "description": "The server's settings for the pictures of this endpoint"
        },
        "extra": {
            "type": "object", "default": {},
            "description": "Further fields of the request, sent as they are"
        },
        "previews": {
            "type": "boolean", "default": true,
            "description": "Whether to ask for pictures of the work so far, every two seconds"
        }
    },
    "required": ["url"],
    "additionalProperties": false
})";

// Throws ipl::Error kInvalidArgument with the setting that is wrong.
Settings readSettings(std::string_view json);

}  // namespace a1111
