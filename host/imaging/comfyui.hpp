// What a ComfyUI prompt graph says of the picture it made: the sampler is found, and the texts and
// numbers that flow into it are followed back through other nodes. Graphs are anybody's: links may
// dangle or run in circles; the walk is bounded. Pure function, thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "imaging/metadata.hpp"

namespace host::imaging {

// `graph`: the API form, JSON {id: {"class_type", "inputs": {name: value or [id, output]}}}.
// Nothing when there is no sampler with a text.
std::optional<Generation> parseComfyGraph(std::string_view graph);

}  // namespace host::imaging
