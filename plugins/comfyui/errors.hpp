// What ComfyUI says when it refuses, in its four shapes: JSON with an error and errors per node,
// plain text, an empty body, and aiohttp's "500 Internal Server Error" text. Pure functions,
// thread-safe; no byte of the input is trusted. Source of the shapes: ComfyUI 0.3.64, server.py and
// execution.py, as recorded in tests/data/comfyui.
#pragma once

#include <string>
#include <string_view>

#include "common/upstream.hpp"

namespace comfyui {

// Folders of the server's machine taken off: of a path only its last part is kept.
std::string withoutPaths(std::string_view text);

// The faults of a `node_errors` object, each with node, class and input; empty when there are none.
std::string nodeFaults(const upstream::Json& nodeErrors);

// The Error for an answer that is no success. A workflow that this server cannot run is
// kUnsupported (another endpoint may have the model), with {"node", "class_type", "input"} of the
// first fault as details; all else is kUpstream or kBusy. `doing` begins the message, such as
// "POST /prompt".
ipl::Error errorOf(std::string_view doing, int status, std::string_view body);

}  // namespace comfyui
