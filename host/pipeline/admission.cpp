#include "pipeline/admission.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "pipeline/run_times.hpp"
#include "pipeline/setup.hpp"

namespace host::pipeline {

namespace {

using plugins::Bounds;
using plugins::InputRole;

std::string numberText(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.10g", value);
    return text;
}

std::string rangeText(const Bounds& bounds) {
    return numberText(bounds.min) + " to " + numberText(bounds.max);
}

Error refusal(const std::vector<LeftOut>& unable) {
    Error error;
    error.code = ErrorCode::Validation;
    Json list = Json::array();
    for (const LeftOut& each : unable) {
        const std::string message =
            "cannot be done by endpoint \"" + each.endpoint + "\": it " + each.reason;
        list.push_back({{"field", each.field}, {"message", message}});
        error.message += (error.message.empty() ? "" : "; ") + each.field + " " + message;
    }
    error.details["errors"] = std::move(list);
    return error;
}

}  // namespace

std::vector<Inability> inabilities(const plugins::Capabilities& able, const JobSpec& spec) {
    std::vector<Inability> found;
    if (spec.hasImage() && !able.mayTake(InputRole::Start)) {
        found.push_back({"image", "does not draw from a start picture"});
    }
    for (const InputRole role : {InputRole::Mask, InputRole::Reference, InputRole::Control}) {
        const bool asked = std::any_of(spec.inputs.begin(), spec.inputs.end(),
                                       [role](const auto& input) { return input.role == role; });
        if (!asked || able.mayTake(role)) continue;
        const std::string name(plugins::nameOf(role));
        found.push_back({name, role == InputRole::Mask ? "does not take a mask"
                                                       : "does not take " + name + " pictures"});
    }
    const std::size_t pictures = spec.inputs.size() + (spec.hasImage() ? 1 : 0);
    if (found.empty() && able.maxInputs && pictures > *able.maxInputs) {
        found.push_back({"images", "takes " + std::to_string(*able.maxInputs) +
                                       " picture(s) at most, not " + std::to_string(pictures)});
    }
    if (able.steps.range && !spec.stepsByDefault && !able.steps.range->holds(spec.steps)) {
        found.push_back({"steps", "takes " + rangeText(*able.steps.range) + " steps, not " +
                                      std::to_string(spec.steps)});
    }
    if (able.guidanceScale.range && spec.guidanceScale && !spec.randomGuidance &&
        !able.guidanceScale.range->holds(*spec.guidanceScale)) {
        found.push_back({"guidance_scale", "takes a guidance of " +
                                               rangeText(*able.guidanceScale.range) + ", not " +
                                               numberText(*spec.guidanceScale)});
    }
    return found;
}

Status admit(JobSpec& spec, const std::vector<EndpointSetup>& endpoints) {
    std::vector<std::string> able;
    std::vector<LeftOut> unable;
    for (const std::string& name : spec.endpoints) {
        const auto setup = std::find_if(endpoints.begin(), endpoints.end(),
                                        [&](const auto& each) { return each.name == name; });
        std::vector<Inability> found;
        if (setup != endpoints.end()) found = inabilities(*setup->backend->capabilities(), spec);
        if (found.empty()) able.push_back(name);
        for (Inability& each : found)
            unable.push_back({name, std::move(each.field), std::move(each.reason)});
    }
    if (unable.empty()) return Unit{};
    if (able.empty() || spec.target == Target::List) return refusal(unable);
    spec.endpoints = std::move(able);
    spec.leftOut = std::move(unable);
    return Unit{};
}

int stepsAt(const plugins::Capabilities& able, const JobSpec& spec) {
    if (able.steps.none) return 0;
    if (!spec.stepsByDefault || !able.steps.range) return spec.steps;
    const double lowest = std::max(1.0, std::ceil(able.steps.range->min));
    const double highest = std::max(lowest, std::floor(able.steps.range->max));
    const double usual = able.steps.byDefault.value_or(spec.steps);
    return static_cast<int>(std::clamp<double>(std::round(usual), lowest, highest));
}

double workAt(const plugins::Capabilities& able, const JobSpec& spec) {
    const PixelSize asked = pixelSize(spec.size, spec.orientation).value_or(PixelSize{1024, 1024});
    const PixelSize drawn = able.nearestSize(asked);
    return workOf(std::max(1, stepsAt(able, spec)), drawn.width, drawn.height);
}

std::optional<double> guidanceAt(const plugins::Capabilities& able, const JobSpec& spec,
                                 const std::string& jobId, int run) {
    if (able.guidanceScale.none) return std::nullopt;
    const auto scale = spec.guidanceOf(jobId, run);
    const auto& range = able.guidanceScale.range;
    if (!scale || !spec.randomGuidance || !range) return scale;
    return std::clamp(*scale, range->min, range->max);
}

Json leftOutJson(const JobSpec& spec) {
    Json list = Json::array();
    for (const LeftOut& each : spec.leftOut) {
        list.push_back({{"endpoint", each.endpoint},
                        {"field", each.field},
                        {"message", "the endpoint " + each.reason}});
    }
    return list;
}

}  // namespace host::pipeline
