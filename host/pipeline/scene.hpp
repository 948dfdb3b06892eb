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

// How many of a scene's fields an object has; 0 when those that it has could be anything's.
int sceneLikeness(const Json& object);

// What a value says as one text: a list by its elements, an object by its members' values, at any
// depth that the JSON readers of the host let in.
std::string sceneText(const Json& value);
// A list of at most `most` colours, also from "red, blue and gold".
Json scenePalette(const Json& value, std::size_t most);

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
