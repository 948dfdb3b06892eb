#include "comfyui/events.hpp"

#include "common/upstream.hpp"

namespace comfyui {

namespace {

using upstream::Json;

constexpr std::uint32_t kMaxSteps = 1'000'000;

std::string textOf(const Json& object, const char* key) {
    if (!object.is_object()) return {};
    auto value = object.find(key);
    return value != object.end() && value->is_string() ? value->get<std::string>() : "";
}

// Ints come as ints from samplers and as floats from plain nodes.
std::uint32_t countOf(const Json& object, const char* key) {
    auto value = object.find(key);
    if (value == object.end() || !value->is_number()) return 0;
    const double number = value->get<double>();
    return number >= 0 && number <= kMaxSteps ? static_cast<std::uint32_t>(number) : 0;
}

bool takeSteps(const Json& about, Event& event) {
    event.step = countOf(about, "value");
    event.steps = countOf(about, "max");
    if (event.steps == 0 || event.step > event.steps) return false;
    event.kind = Event::Kind::Step;
    return true;
}

// Every frame repeats all nodes that have begun so far; the one that runs counts.
void takeState(const Json& data, Event& event) {
    auto nodes = data.find("nodes");
    if (nodes == data.end() || !nodes->is_object()) return;
    for (const auto& [id, node] : nodes->items()) {
        if (!node.is_object() || textOf(node, "state") != "running") continue;
        if (countOf(node, "max") < 2 || !takeSteps(node, event)) continue;
        event.node = id;
        return;
    }
}

std::uint32_t numberAt(std::string_view frame, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + 4; ++i)
        value = value << 8 | static_cast<unsigned char>(frame[i]);
    return value;
}

}  // namespace

Event eventOf(std::string_view message) {
    Event event;
    const auto json = upstream::parseJson(message);
    if (!json || !json->is_object()) return event;
    const std::string type = textOf(*json, "type");
    auto data = json->find("data");
    if (data == json->end() || !data->is_object()) return event;
    event.promptId = textOf(*data, "prompt_id");
    if (type == "executing") {
        event.node = textOf(*data, "node");
        auto node = data->find("node");
        const bool over = node != data->end() && node->is_null();
        event.kind = over ? Event::Kind::Ended : Event::Kind::Node;
    } else if (type == "progress") {
        event.node = textOf(*data, "node");
        takeSteps(*data, event);
    } else if (type == "progress_state") {
        takeState(*data, event);
    } else if (type == "execution_success" || type == "execution_error" ||
               type == "execution_interrupted") {
        event.kind = Event::Kind::Ended;
    }
    return event;
}

std::optional<Preview> previewOf(std::string_view frame) {
    if (frame.size() < 8) return std::nullopt;
    const std::uint32_t event = numberAt(frame, 0);
    const std::uint32_t second = numberAt(frame, 4);
    frame.remove_prefix(8);
    if (event == 1 && (second == 1 || second == 2) && !frame.empty())
        return Preview{"", second == 1 ? "image/jpeg" : "image/png", frame};
    if (event != 4 || second >= frame.size()) return std::nullopt;
    const auto about = upstream::parseJson(frame.substr(0, second));
    frame.remove_prefix(second);
    if (!about || !about->is_object()) return std::nullopt;
    const bool png = textOf(*about, "image_type") == "image/png";
    return Preview{textOf(*about, "prompt_id"), png ? "image/png" : "image/jpeg", frame};
}

}  // namespace comfyui
