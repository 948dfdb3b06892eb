// The settings of one instance: address, templates, and what the templates shall use. Thrown
// faults are ipl::Error kInvalidArgument that names the setting.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "comfyui/workflow.hpp"

namespace comfyui {

struct Settings {
    std::string url;  // without a slash at the end
    std::string model;
    std::optional<Workflow> fromText;
    std::optional<Workflow> fromImage;
    std::optional<Workflow> fromMask;  // image to image where a mask says
    Values fixed;                      // model, sampler, scheduler: where the settings name one
};

// "format": "config-path" makes the host turn a path relative to config.json into an absolute one.
inline constexpr const char* kSettingsSchema = R"({
    "type": "object",
    "properties": {
        "url": {
            "type": "string", "minLength": 1, "default": "http://127.0.0.1:8188",
            "description": "Where ComfyUI listens, such as http://192.168.5.40:8188"
        },
        "workflow": {
            "type": ["string", "object"], "format": "config-path",
            "description": "Text to image, as Export (API) writes it: a path relative to config.json, or the object itself. Left out: a plain checkpoint"
        },
        "image_workflow": {
            "type": ["string", "object"], "format": "config-path",
            "description": "Image to image, likewise. Left out: that of a plain checkpoint when workflow is left out too, else none"
        },
        "mask_workflow": {
            "type": ["string", "object"], "format": "config-path",
            "description": "Image to image where a mask says, likewise. Left out: that of a plain checkpoint when workflow is left out too, else image_workflow if it has a place for the mask"
        },
        "model": {"type": "string", "description": "Model file as ComfyUI lists it for the loader of the workflow; required without a workflow"},
        "sampler": {"type": "string", "description": "ComfyUI's own name, such as euler_ancestral"},
        "scheduler": {"type": "string", "description": "ComfyUI's own name, such as karras"},
        "output_node": {"type": "string", "description": "The node whose pictures count; left out: all SaveImage nodes"},
        "mapping": {
            "type": "object",
            "description": "Where values go, for what the node classes do not tell: {\"prompt\": {\"node\": \"6\", \"input\": \"text\"}}. Names: prompt, negative_prompt, seed, steps, guidance, width, height, image, mask, reference, control, strength, model, sampler, scheduler; one place or a list"
        },
        "image_mapping": {"type": "object", "description": "The same for image_workflow"},
        "mask_mapping": {"type": "object", "description": "The same for mask_workflow"}
    },
    "additionalProperties": false
})";

Settings readSettings(std::string_view json);

}  // namespace comfyui
