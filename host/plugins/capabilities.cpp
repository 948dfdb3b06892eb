#include "plugins/capabilities.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace host::plugins {

namespace {

constexpr std::array<std::string_view, 3> kCancelWays{"immediate", "step", "none"};

// A side that keeps to the rules, near to `wanted` and not above it, when the rules allow that.
std::uint32_t sideWithin(double wanted, const SizeRules& rules) {
    const double step = std::max<std::uint32_t>(1, rules.multipleOf);
    const double most = rules.maxSide > 0 ? rules.maxSide : imaging::kMaxSide;
    const double lowest = std::ceil(std::max<double>(rules.minSide, 1) / step) * step;
    const double highest = std::max(lowest, std::floor(most / step) * step);
    const double side = std::clamp(std::round(wanted / step) * step, lowest, highest);
    return static_cast<std::uint32_t>(std::min<double>(side, imaging::kMaxSide));
}

PictureSize sizeWithin(PictureSize wanted, const SizeRules& rules) {
    double scale = 1;
    const double longer = std::max(wanted.width, wanted.height);
    const double shorter = std::min(wanted.width, wanted.height);
    if (rules.minSide > 0) scale = std::max(scale, rules.minSide / shorter);
    if (rules.maxSide > 0) scale = std::min(scale, rules.maxSide / longer);
    const double area = longer * shorter;
    if (rules.maxPixels > 0) {
        scale = std::min(scale, std::sqrt(static_cast<double>(rules.maxPixels) / area));
    }
    PictureSize found{sideWithin(wanted.width * scale, rules),
                      sideWithin(wanted.height * scale, rules)};
    // Rounding may have gone over the number of pixels.
    const std::uint32_t step = std::max<std::uint32_t>(1, rules.multipleOf);
    std::uint32_t& side = found.width >= found.height ? found.width : found.height;
    while (rules.maxPixels > 0 &&
           static_cast<std::uint64_t>(found.width) * found.height > rules.maxPixels &&
           side > std::max(step, rules.minSide + step - 1)) {
        side -= step;
    }
    return found;
}

Json knobJson(const Knob& knob) {
    if (knob.none) return false;
    Json json = {{"min", knob.range->min}, {"max", knob.range->max}};
    if (knob.byDefault) json["default"] = *knob.byDefault;
    return json;
}

Json rulesJson(const SizeRules& rules) {
    Json json = Json::object();
    const auto add = [&json](const char* name, std::uint64_t value) {
        if (value > 0) json[name] = value;
    };
    add("min_side", rules.minSide);
    add("max_side", rules.maxSide);
    add("multiple_of", rules.multipleOf);
    add("max_pixels", rules.maxPixels);
    return json;
}

}  // namespace

bool Capabilities::mayTake(InputRole role) const {
    if (role == InputRole::Start && imageToImage) return *imageToImage;
    if (!inputRoles) return true;
    return std::find(inputRoles->begin(), inputRoles->end(), role) != inputRoles->end();
}

PictureSize Capabilities::nearestSize(PictureSize wanted) const {
    if (wanted.width == 0 || wanted.height == 0) return wanted;
    if (sizes.empty()) return size ? sizeWithin(wanted, *size) : wanted;
    return *std::min_element(sizes.begin(), sizes.end(), [&](PictureSize a, PictureSize b) {
        return distance(a, wanted) < distance(b, wanted);
    });
}

Json toJson(const Capabilities& capabilities) {
    Json json = Json::object();
    const auto add = [&json](const char* name, const auto& value) {
        if (value) json[name] = *value;
    };
    add("image_to_image", capabilities.imageToImage);
    if (capabilities.inputRoles) {
        json["input_roles"] = Json::array();
        for (const InputRole role : *capabilities.inputRoles)
            json["input_roles"].push_back(nameOf(role));
    }
    add("max_inputs", capabilities.maxInputs);
    add("negative_prompt", capabilities.negativePrompt);
    add("seed", capabilities.seed);
    for (const auto& [name, knob] : {std::pair{"steps", capabilities.steps},
                                     std::pair{"guidance_scale", capabilities.guidanceScale}}) {
        if (knob.none || knob.range) json[name] = knobJson(knob);
    }
    for (const PictureSize& each : capabilities.sizes)
        json["sizes"].push_back({{"width", each.width}, {"height", each.height}});
    if (capabilities.size) json["size"] = rulesJson(*capabilities.size);
    if (!capabilities.model.empty()) json["model"] = capabilities.model;
    if (!capabilities.models.empty()) json["models"] = capabilities.models;
    add("progress", capabilities.progress);
    add("previews", capabilities.previews);
    if (capabilities.cancel) {
        json["cancel"] = kCancelWays[static_cast<std::size_t>(*capabilities.cancel)];
    }
    if (!capabilities.input.mimes.empty()) json["image_formats"] = capabilities.input.mimes;
    if (capabilities.input.maxSide > 0) json["max_image_side"] = capabilities.input.maxSide;
    return json;
}

}  // namespace host::plugins
