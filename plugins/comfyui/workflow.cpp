#include "comfyui/workflow.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace comfyui {

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;

constexpr std::array<std::pair<std::string_view, Slot>, 15> kNames{{
    {"prompt", Slot::Prompt},
    {"negative_prompt", Slot::NegativePrompt},
    {"seed", Slot::Seed},
    {"steps", Slot::Steps},
    {"guidance", Slot::Guidance},
    {"width", Slot::Width},
    {"height", Slot::Height},
    {"image", Slot::Image},
    {"mask", Slot::Mask},
    {"reference", Slot::Reference},
    {"control", Slot::Control},
    {"strength", Slot::Strength},
    {"model", Slot::Model},
    {"sampler", Slot::Sampler},
    {"scheduler", Slot::Scheduler},
}};
constexpr std::size_t kMaxPlaces = 16;  // of one slot

// What the answer of /object_info lists for an input: ComfyUI of before 2025 gives
// [[names...], {...}], later ones may give ["COMBO", {"options": [names...]}]. Null: no list.
const Json* choicesOf(const Json& about, const std::string& input) {
    const auto within = [](const Json* object, const std::string& key) -> const Json* {
        if (object == nullptr || !object->is_object()) return nullptr;
        auto found = object->find(key);
        return found == object->end() ? nullptr : &*found;
    };
    for (const char* kind : {"required", "optional"}) {
        const Json* told = within(within(within(&about, "input"), kind), input);
        if (told == nullptr || !told->is_array() || told->empty()) continue;
        if ((*told)[0].is_array()) return &(*told)[0];
        const Json* options = told->size() < 2 ? nullptr : within(&(*told)[1], "options");
        return options != nullptr && options->is_array() ? options : nullptr;
    }
    return nullptr;
}

}  // namespace

bool isLink(const Json& value) {
    return value.is_array() && value.size() == 2 && value[0].is_string() && value[1].is_number();
}

std::string classOf(const Json& node) {
    return node.at("class_type").get<std::string>();
}

std::string_view nameOf(Slot slot) {
    for (const auto& [name, each] : kNames)
        if (each == slot) return name;
    return {};
}

Workflow::Workflow(Json graph, std::string setting, const Json& mapping,
                   const std::string& outputNode)
    : graph_(std::move(graph)), setting_(std::move(setting)) {
    if (!graph_.is_object() || graph_.empty()) fault("the workflow is not a JSON object of nodes");
    if (graph_.contains("nodes") && graph_.contains("links"))
        fault("this is the editor's own format; export the workflow with \"Export (API)\"");
    if (graph_.size() > kMaxNodes) fault("the workflow has more than 2000 nodes");
    for (const auto& [id, node] : graph_.items()) {
        if (!node.is_object() || !node.contains("class_type") || !node["class_type"].is_string() ||
            !node.contains("inputs") || !node["inputs"].is_object())
            fault("node " + id +
                  " has no class_type or no inputs; export it with \"Export (API)\"");
    }
    for (const auto& [id, node] : graph_.items())
        for (const auto& [input, value] : node["inputs"].items())
            if (isLink(value) && !graph_.contains(value[0].get<std::string>()))
                fault(describe(id) + ", input " + input + ": linked to node " +
                      value[0].get<std::string>() + ", which is not there");

    takeMapping(mapping);
    findByClass();
    if (!has(Slot::Prompt))
        fault(
            "no node takes the prompt: name it in mapping, as {\"prompt\": {\"node\": \"6\", "
            "\"input\": \"text\"}}");
    findOutputs(outputNode);
    // Without one the server gives its old picture for every run that is equal otherwise.
    if (!has(Slot::Seed) && !(mapping.is_object() && mapping.contains("seed")))
        fault(
            "no node takes the seed, so that all pictures of a prompt would be the same: name it "
            "in mapping, as {\"seed\": {\"node\": \"3\", \"input\": \"seed\"}}, or say "
            "{\"seed\": []} there if that is meant");
}

void Workflow::findOutputs(const std::string& outputNode) {
    if (!outputNode.empty()) {
        if (!graph_.contains(outputNode))
            throw Error(Status::kInvalidArgument, "the workflow has no node " + outputNode,
                        "/output_node");
        outputs_.insert(outputNode);
        return;
    }
    for (const char* name : {"SaveImage", "PreviewImage"}) {
        if (!outputs_.empty()) break;
        for (const auto& [id, node] : graph_.items())
            if (classOf(node) == name) outputs_.insert(id);
    }
    if (outputs_.empty())
        fault("no SaveImage node: name the one that gives the picture in output_node");
}

void Workflow::fault(const std::string& message) const {
    throw Error(Status::kInvalidArgument, message, setting_);
}

std::string Workflow::describe(const std::string& node) const {
    return "node " + node + " (" + classOf(graph_.at(node)) + ")";
}

const Json* Workflow::inputsOf(const std::string& node) const {
    auto found = graph_.find(node);
    return found == graph_.end() ? nullptr : &found->at("inputs");
}

void Workflow::takeMapping(const Json& mapping) {
    if (!mapping.is_object()) return;
    for (const auto& [name, slot] : kNames) {
        auto entry = mapping.find(std::string(name));
        if (entry == mapping.end()) continue;
        const Json list = entry->is_array() ? *entry : Json::array({*entry});
        const std::string field = "/mapping/" + std::string(name);
        if (list.size() > kMaxPlaces)
            throw Error(Status::kInvalidArgument, "more than 16 places", field);
        auto& places = places_[slot];  // an empty list means: nowhere
        for (const auto& place : list) {
            std::string node = place.value("node", "");
            std::string input = place.value("input", "");
            const Json* inputs = inputsOf(node);
            if (inputs == nullptr)
                throw Error(Status::kInvalidArgument, "the workflow has no node " + node, field);
            if (!inputs->contains(input))
                throw Error(Status::kInvalidArgument, describe(node) + " has no input " + input,
                            field);
            places.push_back({node, input});
        }
    }
}

Json Workflow::valueOf(Slot slot) const {
    auto found = places_.find(slot);
    if (found == places_.end()) return nullptr;
    const auto& place = found->second.front();
    return graph_.at(place.node).at("inputs").at(place.input);
}

Json Workflow::filled(const Values& values) const {
    Json graph = graph_;
    for (const auto& [slot, value] : values) {
        auto found = places_.find(slot);
        if (found == places_.end()) continue;
        std::size_t i = 0;
        for (const auto& place : found->second) {
            if (value.is_array() && i == value.size()) break;
            graph[place.node]["inputs"][place.input] = value.is_array() ? value[i++] : value;
        }
    }
    return graph;
}

std::size_t Workflow::placesOf(Slot slot) const {
    auto found = places_.find(slot);
    return found == places_.end() ? 0 : found->second.size();
}

bool Workflow::isSampler(const std::string& node) const {
    auto found = graph_.find(node);
    return found != graph_.end() && classOf(*found).find("Sampler") != std::string::npos;
}

std::size_t Workflow::samplers() const {
    return static_cast<std::size_t>(std::ranges::count_if(graph_, [](const Json& node) {
        const Json& inputs = node.at("inputs");
        return classOf(node).find("Sampler") != std::string::npos &&
               (inputs.contains("latent_image") || inputs.contains("samples"));
    }));
}

bool Workflow::differs(Slot slot) const {
    auto found = places_.find(slot);
    if (found == places_.end()) return false;
    return std::ranges::any_of(found->second, [&](const Place& place) {
        return graph_.at(place.node).at("inputs").at(place.input) != valueOf(slot);
    });
}

std::string Workflow::classAt(Slot slot) const {
    auto found = places_.find(slot);
    return found == places_.end() ? "" : classOf(graph_.at(found->second.front().node));
}

Json Workflow::choicesAt(Slot slot, std::string_view objectInfo) const {
    auto found = places_.find(slot);
    const auto info = upstream::parseJson(objectInfo);
    if (found == places_.end() || !info || !info->is_object()) return nullptr;
    auto about = info->find(classAt(slot));
    const Json* choices =
        about == info->end() ? nullptr : choicesOf(*about, found->second.front().input);
    return choices == nullptr ? Json() : *choices;
}

std::set<std::string> Workflow::classes() const {
    std::set<std::string> out;
    for (const auto& [id, node] : graph_.items())
        out.insert(classOf(node));
    return out;
}

bool Workflow::takesPicture(const Place& place) const {
    for (Slot slot : {Slot::Image, Slot::Mask, Slot::Reference, Slot::Control})
        if (auto found = places_.find(slot);
            found != places_.end() &&
            std::ranges::find(found->second, place) != found->second.end())
            return true;
    return false;
}

std::string Workflow::faultsAgainst(const std::string& className, const Values& values,
                                    std::string_view objectInfo) const {
    auto info = upstream::parseJson(objectInfo);
    if (!info || !info->is_object()) return {};
    auto about = info->find(className);
    std::string out;
    const Json graph = filled(values);
    for (const auto& [id, node] : graph.items()) {
        if (classOf(node) != className) continue;
        if (about == info->end())  // 200 {} is how it says that it does not know the class
            return describe(id) + ": this server has no such node; install what it comes with";
        for (const auto& [input, value] : node["inputs"].items()) {
            if (!value.is_string()) continue;
            const Json* choices = choicesOf(*about, input);
            if (choices == nullptr) continue;
            // Those are uploaded later.
            if (input == "image" && className.starts_with("LoadImage")) continue;
            if (takesPicture({id, input})) continue;
            bool listed = false;
            for (const auto& choice : *choices)
                listed = listed || choice == value;
            if (!listed)
                out += (out.empty() ? "" : "; ") + describe(id) + ", input " + input + ": '" +
                       value.get<std::string>() + "' is not on the server";
        }
    }
    return upstream::excerpt(out, 1000);
}

}  // namespace comfyui
