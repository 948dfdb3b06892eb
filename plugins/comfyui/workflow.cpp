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
constexpr int kMaxLinks = 64;           // followed from a sampler to its text

// A link to another node's output: ["6", 0].
bool isLink(const Json& value) {
    return value.is_array() && value.size() == 2 && value[0].is_string() && value[1].is_number();
}

std::string classOf(const Json& node) {
    return node.at("class_type").get<std::string>();
}

}  // namespace

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

void Workflow::add(Slot slot, const std::string& node, const std::string& input) {
    const Json* inputs = inputsOf(node);
    if (inputs == nullptr || !inputs->contains(input) || isLink(inputs->at(input))) return;
    auto& places = places_[slot];
    const Place place{node, input};
    if (std::ranges::find(places, place) == places.end()) places.push_back(place);
}

// Often one primitive holds the seed of several samplers.
void Workflow::addSeed(const std::string& node, const std::string& input) {
    const Json& inputs = *inputsOf(node);
    if (!inputs.contains(input)) return;
    if (!isLink(inputs.at(input))) return add(Slot::Seed, node, input);
    const auto source = inputs.at(input)[0].get<std::string>();
    for (const char* name : {"value", "seed", "noise_seed", "int"}) {
        const Json& held = *inputsOf(source);
        if (held.contains(name) && held.at(name).is_number_integer())
            return add(Slot::Seed, source, name);
    }
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

// Only slots that the settings say nothing of.
void Workflow::findByClass() {
    const auto mapped = places_;
    // A LoadImage that is mapped as a reference is no start picture.
    const auto isMapped = [&mapped](const std::string& node, const std::string& input) {
        for (const auto& [slot, places] : mapped)
            for (const auto& place : places)
                if (place.node == node && place.input == input) return true;
        return false;
    };
    bool distilled = false;
    for (const auto& [id, node] : graph_.items()) {
        const std::string name = classOf(node);
        const Json& inputs = node["inputs"];
        // SamplerCustom has its steps in a scheduler.
        const bool sampler = name.find("Sampler") != name.npos &&
                             (inputs.contains("steps") || inputs.contains("noise_seed"));
        if (sampler || name == "RandomNoise") {
            addSeed(id, "seed");
            addSeed(id, "noise_seed");
        }
        if (sampler || name.ends_with("Scheduler")) {
            add(Slot::Steps, id, "steps");
            add(Slot::Strength, id, "denoise");
            add(Slot::Scheduler, id, "scheduler");
        }
        if (sampler || name == "CFGGuider") add(Slot::Guidance, id, "cfg");
        if (name == "FluxGuidance") {
            distilled = true;
            add(Slot::Guidance, id, "guidance");
        }
        if (sampler || name == "KSamplerSelect") add(Slot::Sampler, id, "sampler_name");
        if (sampler || name == "CFGGuider" || name == "BasicGuider") findTexts(id);
        if ((name.starts_with("Empty") && name.find("Latent") != name.npos) ||
            name == "Flux2Scheduler") {
            add(Slot::Width, id, "width");
            add(Slot::Height, id, "height");
        }
        if (name == "LoadImage" && !isMapped(id, "image")) add(Slot::Image, id, "image");
        if (name == "LoadImageMask" && !isMapped(id, "image")) add(Slot::Mask, id, "image");
        if (name == "CheckpointLoaderSimple") add(Slot::Model, id, "ckpt_name");
    }
    // Such a model is guided there alone; the sampler's own cfg has to stay 1.
    if (distilled && has(Slot::Guidance))
        std::erase_if(places_[Slot::Guidance],
                      [](const Place& place) { return place.input == "cfg"; });
    // A graph without a sampler that is known here, but with a single text.
    if (!has(Slot::Prompt)) {
        for (const auto& [id, node] : graph_.items())
            if (classOf(node) == "CLIPTextEncode") add(Slot::Prompt, id, "text");
        if (has(Slot::Prompt) && places_[Slot::Prompt].size() > 1) places_.erase(Slot::Prompt);
    }
    // The mask of a second LoadImage, or an upscaler's own picture, is not the start picture.
    for (Slot slot : {Slot::Image, Slot::Mask})
        if (has(slot) && places_[slot].size() > 1) places_[slot].resize(1);
    for (const auto& [slot, places] : mapped)
        places_[slot] = places;
    // One text that stands for both belongs to the prompt.
    if (!mapped.contains(Slot::NegativePrompt))
        std::erase_if(places_[Slot::NegativePrompt], [this](const Place& place) {
            const auto& prompts = places_[Slot::Prompt];
            return std::ranges::find(prompts, place) != prompts.end();
        });
    std::erase_if(places_, [](const auto& entry) { return entry.second.empty(); });
}

void Workflow::findTexts(const std::string& sampler) {
    const auto take = [&](Slot slot, const char* input) {
        auto text = textBehind(sampler, input);
        if (!text) return;
        for (const auto& place : places_[slot])
            if (place.node == *text) return;
        add(slot, *text, inputsOf(*text)->contains("text") ? "text" : "prompt");
    };
    take(Slot::Prompt, "positive");
    take(Slot::Prompt, "conditioning");
    take(Slot::NegativePrompt, "negative");
}

// From the sampler's input along the links of conditioning to the node that has a text.
std::optional<std::string> Workflow::textBehind(const std::string& node,
                                                const std::string& input) const {
    std::string at = node;
    std::string through = input;
    for (int i = 0; i < kMaxLinks; ++i) {
        const Json* inputs = inputsOf(at);
        if (inputs == nullptr || !inputs->contains(through) || !isLink(inputs->at(through)))
            return std::nullopt;
        at = inputs->at(through)[0].get<std::string>();
        // Its conditioning is what it empties: the text behind it is that of the other input.
        if (classOf(graph_.at(at)) == "ConditioningZeroOut") return std::nullopt;
        const Json* next = inputsOf(at);
        for (const char* text : {"text", "prompt"})
            if (next->contains(text) && !isLink(next->at(text))) return at;
        through = next->contains("conditioning") ? "conditioning" : input;
    }
    return std::nullopt;
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
            const Json::json_pointer at("/input/required/" + upstream::pathSegment(input) + "/0");
            if (!about->is_object() || !about->contains(at) || !about->at(at).is_array()) continue;
            // Those are uploaded later.
            if (input == "image" && className.starts_with("LoadImage")) continue;
            if (takesPicture({id, input})) continue;
            bool listed = false;
            for (const auto& choice : about->at(at))
                listed = listed || choice == value;
            if (!listed)
                out += (out.empty() ? "" : "; ") + describe(id) + ", input " + input + ": '" +
                       value.get<std::string>() + "' is not on the server";
        }
    }
    return upstream::excerpt(out, 1000);
}

}  // namespace comfyui
