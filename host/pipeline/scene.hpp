// Scene JSON: what vision analysis returns and the editor edits. Its schema, and the way from what
// a model said to the form that clients rely on. Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "support/error.hpp"

namespace host::pipeline {

// JSON Schema of a whole scene, in the subset that model servers enforce.
const std::string& sceneSchema();

// Every field there and of its type, unknown ones kept. Nothing is invented: what the model left
// out is an empty text or list, or null where a number belongs.
Json normalScene(const Json& said);

// The scene in what a model answered, thinking and prose around it taken off, in its normal form;
// also when it stands inside the thinking alone. Nothing when there is none.
std::optional<Json> sceneIn(std::string_view answer);

// The scene in words, for a writer that reads prose: the fields that say something, parted by
// commas.
std::string sceneInWords(const Json& scene);

}  // namespace host::pipeline
