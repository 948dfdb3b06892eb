// What of a template takes which value, told by the classes of its nodes.
#include <algorithm>
#include <array>
#include <utility>

#include "comfyui/workflow.hpp"

namespace comfyui {

namespace {

using upstream::Json;

constexpr int kMaxLinks = 64;  // followed from a sampler to its text

// What loads a model that draws, and where its file is named. UnetLoaderGGUF is of ComfyUI-GGUF.
constexpr std::array<std::pair<std::string_view, const char*>, 5> kLoaders{{
    {"CheckpointLoaderSimple", "ckpt_name"},
    {"CheckpointLoader", "ckpt_name"},
    {"UNETLoader", "unet_name"},
    {"UnetLoaderGGUF", "unet_name"},
    {"DiffusersLoader", "model_path"},
}};

bool fits(Slot slot, const Json& value) {
    switch (slot) {
        case Slot::Seed:
        case Slot::Steps:
        case Slot::Width:
        case Slot::Height:
            return value.is_number_integer();
        case Slot::Guidance:
        case Slot::Strength:
            return value.is_number();
        case Slot::Model:
        case Slot::Sampler:
        case Slot::Scheduler:
            return value.is_string();
        default:
            return false;
    }
}

}  // namespace

void Workflow::add(Slot slot, const std::string& node, const std::string& input) {
    const Json* inputs = inputsOf(node);
    if (inputs == nullptr || !inputs->contains(input)) return;
    Place place{node, input};
    if (isLink(inputs->at(input))) {
        auto primitive = primitiveBehind(slot, place);
        if (!primitive) return;
        place = *std::move(primitive);
    }
    auto& places = places_[slot];
    if (std::ranges::find(places, place) == places.end()) places.push_back(std::move(place));
}

// Often one primitive holds the value of several nodes.
std::optional<Workflow::Place> Workflow::primitiveBehind(Slot slot, const Place& place) const {
    const std::string source = inputsOf(place.node)->at(place.input)[0].get<std::string>();
    const Json& held = *inputsOf(source);
    for (const std::string& name :
         {std::string("value"), place.input, std::string("seed"), std::string("noise_seed"),
          std::string("int"), std::string("float"), std::string("string")}) {
        const bool other = slot != Slot::Seed && name.ends_with("seed");
        if (!other && held.contains(name) && fits(slot, held.at(name))) return Place{source, name};
    }
    return std::nullopt;
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
    // Such a model is guided there alone; the sampler's own cfg has to stay 1.
    const bool distilled = std::ranges::any_of(
        graph_, [](const Json& node) { return classOf(node) == "FluxGuidance"; });
    for (const auto& [id, node] : graph_.items()) {
        const std::string name = classOf(node);
        const Json& inputs = node["inputs"];
        // SamplerCustom has its steps in a scheduler.
        const bool sampler = name.find("Sampler") != name.npos &&
                             (inputs.contains("steps") || inputs.contains("noise_seed"));
        if (sampler || name == "RandomNoise") {
            add(Slot::Seed, id, "seed");
            add(Slot::Seed, id, "noise_seed");
        }
        if (sampler || name.ends_with("Scheduler")) {
            add(Slot::Steps, id, "steps");
            add(Slot::Strength, id, "denoise");
            add(Slot::Scheduler, id, "scheduler");
        }
        if (!distilled && (sampler || name == "CFGGuider")) add(Slot::Guidance, id, "cfg");
        if (name == "FluxGuidance") add(Slot::Guidance, id, "guidance");
        if (sampler || name == "KSamplerSelect") add(Slot::Sampler, id, "sampler_name");
        if (sampler || name == "CFGGuider" || name == "BasicGuider") findTexts(id);
        if ((name.starts_with("Empty") && name.find("Latent") != name.npos) ||
            name == "Flux2Scheduler") {
            add(Slot::Width, id, "width");
            add(Slot::Height, id, "height");
        }
        if (name == "LoadImage" && !isMapped(id, "image")) add(Slot::Image, id, "image");
        if (name == "LoadImageMask" && !isMapped(id, "image")) add(Slot::Mask, id, "image");
        for (const auto& [loader, input] : kLoaders)
            if (name == loader) add(Slot::Model, id, input);
    }
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

}  // namespace comfyui
