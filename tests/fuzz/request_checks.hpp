// What holds of every request that was read, whatever protocol it came by.
#pragma once

#include "fuzz.hpp"
#include "services/generator/from_image.hpp"
#include "services/generator/generate_request.hpp"
#include "services/generator/request_limits.hpp"
#include "support/text.hpp"

namespace fuzz {

using namespace host;

inline void checkError(const Error& error) {
    check(isValidUtf8(error.message) && error.message.size() < 100'000, "an error can be sent");
    error.details.dump();  // throws when it is no UTF-8
}

inline void checkSpec(const pipeline::JobSpec& spec, const services::GenerateRules& rules) {
    check(spec.random || !trim(spec.prompt).empty(), "there is a prompt or a reason for none");
    check(isValidUtf8(spec.prompt) && isValidUtf8(spec.negativePrompt), "texts are UTF-8");
    check(spec.count >= rules.count.min && spec.count <= rules.count.max, "count is in range");
    check(spec.steps >= rules.steps.min && spec.steps <= rules.steps.max, "steps is in range");
    check(!spec.seed || services::kSeeds.holds(static_cast<double>(*spec.seed)), "so is seed");
    check(services::kStrengths.holds(spec.strength), "strength is in range");
    check(!spec.endpoints.empty() && spec.endpoints.size() <= rules.endpoints.size(),
          "there is somebody to draw it");
    check(pipeline::pixelSize(spec.size, spec.orientation).has_value(), "the size is one");
    const auto exact = pipeline::exactSize(spec.size);
    check(!exact || spec.orientation == pipeline::orientationOf(*exact), "its shape is told");
    const Json kept = spec.toJson();
    check(pipeline::JobSpec::fromJson(Json::parse(kept.dump())).toJson() == kept,
          "a request comes back from the database as it was");
}

// A picture that tells how it was made is made again: what its file says becomes a request.
inline void checkRepeated(const imaging::Generation& generation) {
    static const services::GenerateRules kRules{{1, 20}, {1, 150}, {"Studio A", "Studio B"}};
    const Json fields = services::repeatedFields(generation, kRules);
    http::Request request;
    request.method = "POST";
    request.headers.add("Content-Type", "application/json");
    request.body = fields.dump();  // throws when a text is no UTF-8
    const auto read = services::readGenerateRequest(request, kRules);
    if (read) {
        if (read->refusal) return checkError(*read->refusal);
        checkSpec(read->spec, kRules);
        check(!fields.contains("prompt") || !fields["prompt"].is_string() || read->spec.random ||
                  trim(fields["prompt"].get<std::string>()) == trim(read->spec.prompt),
              "the prompt is the one that the picture tells");
        return;
    }
    checkError(read.error());
    check(read.error().code == ErrorCode::Validation, "a file's values are judged, nothing else");
    if (generation.request.is_object()) return;
    // Of foreign programs all but the texts is brought into the limits.
    for (const Json& fault : read.error().details.at("errors"))
        check(fault.at("field") == "prompt" || fault.at("field") == "negative_prompt",
              "only a text can be at fault");
}

}  // namespace fuzz
