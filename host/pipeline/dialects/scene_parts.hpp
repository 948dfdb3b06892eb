// A scene while it is compiled: each part is taken once, and what nobody took at the end is either
// kept or reported. Belongs to one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/dialects/dialect.hpp"

namespace host::pipeline {

// Joins what is not empty.
std::string joined(const std::vector<std::string>& parts, std::string_view between = ", ");
// Null, an empty text, list or object, or one that holds nothing else.
bool saysNothing(const Json& value);
// Without everything that says nothing, at any depth.
Json withoutEmpty(const Json& value);
// "#RRGGBB" in capitals, out of "#rgb", "#rrggbb" in any case, or the name of a common colour;
// empty when it is neither.
std::string hexColor(std::string_view color);
// A palette in words: "red, navy and gold".
std::string paletteWords(const std::vector<std::string>& colors);

struct SceneSubject {
    std::string path;  // "subjects[0]"
    std::string description;
    std::string position;
    std::vector<std::string> colors;
    Json others = Json::object();  // its unknown members, as they are
};

class SceneParts {
  public:
    // `said`: the scene as it was submitted.
    explicit SceneParts(const Json& said);

    // Each of these takes the part: a second time it is empty.
    std::string text(const char* name);
    std::string camera(const char* name);
    Json raw(const char* name);  // as it was submitted
    std::vector<std::string> palette();
    std::vector<SceneSubject> subjects();

    // Reports the picture's aspect ratio: the job's size decides on it, in every dialect.
    void loseAspectRatio();
    // Reports a part, if it says something.
    void lose(std::string field, const std::string& value, std::string_view reason);
    // Reports what the host itself puts beside a scene that it read from a picture.
    void loseOrigin();
    // The members that are left, the camera's among them; taken.
    Json rest();
    // Reports all that is left.
    void loseRest(std::string_view reason);
    void loseMembers(const std::string& path, const Json& members, std::string_view reason);

    std::vector<PromptLoss> losses() { return std::move(losses_); }

  private:
    Json scene_;  // normal form; taken parts are gone
    std::vector<std::string> palette_;
    std::vector<PromptLoss> losses_;
};

}  // namespace host::pipeline
