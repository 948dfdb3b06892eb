// Scene JSON out of what a vision model answers.
#include "pipeline/scene.hpp"
#include "fuzz.hpp"
#include "support/text.hpp"

using namespace host;
using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view answer = fuzz::text(data, size);
    const auto scene = pipeline::sceneIn(answer);
    if (!scene) return 0;
    const std::string text = scene->dump();  // throws when a text is no UTF-8
    check(text.size() < 1024 + 64 * size, "a scene is not much longer than the answer");
    check(pipeline::normalScene(*scene) == *scene, "a normal scene stays as it is");
    for (const char* list : {"subjects", "color_palette"})
        check(scene->at(list).is_array(), "lists are lists");
    for (const Json& subject : scene->at("subjects"))
        check(subject.is_object() && subject.at("description").is_string(), "subjects are told");
    check(scene->at("color_palette").size() <= 5, "the palette is bounded");
    const Json& iso = scene->at("camera").at("iso");
    check(iso.is_null() || iso.is_number(), "iso is a number");
    check(isValidUtf8(pipeline::sceneInWords(*scene)), "a scene in words is UTF-8");
    check(pipeline::sceneIn(text).has_value(), "a scene is found in itself");
    return 0;
}
