#include <spdlog/spdlog.h>

#include "pipeline/scene.hpp"
#include "pipeline/stages.hpp"
#include "pipeline/vision_stage.hpp"
#include "support/llm_text.hpp"

namespace host::pipeline {

namespace {

constexpr char kInstructions[] =
    "You write prompts for image generation models. Answer with exactly one prompt of 80 to 120 "
    "words in English, as flowing descriptive text: subject first, then setting, light, colours, "
    "composition, camera, mood and style. Be concrete and visual. No title, no list, no quotation "
    "marks, no explanation: nothing but the prompt.";

constexpr char kPictureInstructions[] =
    "You write prompts for image generation models from pictures. Look at the picture: its "
    "subjects, setting, light, colours, composition, camera, mood and style. Then write ONE prompt "
    "of 80 to 120 words in English for a new picture that keeps what makes this one recognisable "
    "and transforms it by the concept of the user; without a concept, for a picture like this one. "
    "Flowing descriptive text, concrete and visual. No title, no list, no quotation marks, no "
    "explanation, no JSON: nothing but the prompt.";

std::string variationOf(const JobSpec& spec, int run) {
    if (spec.count <= 1) return "";
    return "\nThis is variation " + std::to_string(run + 1) + " of " + std::to_string(spec.count) +
           ": make it differ from the others.";
}

std::string askFor(const JobSpec& spec, int run) {
    std::string text;
    if (spec.prompt.empty()) {
        text = "Invent a striking subject of your own.";
    } else {
        text = "Write a prompt that follows this concept: " + spec.prompt;
    }
    return text + variationOf(spec, run);
}

// Endpoints with prompts of their own must not get the same one.
std::optional<std::int64_t> seedFor(const Work& work) {
    const JobSpec& spec = *work.spec;
    const auto seed = spec.seedOf(work.run());
    if (!seed) return std::nullopt;
    std::int64_t slotNumber = 0;
    for (std::size_t i = 0; i < spec.endpoints.size(); ++i) {
        if (spec.endpoints[i] == work.row.key.slot) slotNumber = static_cast<std::int64_t>(i);
    }
    return (*seed + slotNumber * 1'000'003) % kSeedSpan;
}

// The scene without what a backend adds beside it, such as figures: they are no words to write
// from.
Json descriptionOf(Json scene) {
    const Json known = normalScene(Json::object());
    Json description = Json::object();
    for (auto& [name, value] : scene.items()) {
        if (known.contains(name) || value.is_string()) description[name] = std::move(value);
    }
    return description;
}

plugins::TextRequest requestFor(const Work& work) {
    plugins::TextRequest request;
    request.system = kInstructions;
    request.user = askFor(*work.spec, work.run());
    request.seed = seedFor(work);
    request.extra["concept"] = work.spec->prompt;
    request.extra["run_index"] = work.run();
    request.extra["attempt"] = work.row.tries;
    return request;
}

plugins::CallResult ask(const Work& work, const PromptSetup& setup, plugins::PromptBackend& backend,
                        const plugins::TextRequest& request) {
    plugins::CallContext context;
    context.correlationId = work.correlationId;
    context.jobId = work.jobId();
    context.deadline = std::chrono::steady_clock::now() + setup.timeout;
    context.cancellation = work.cancellation;
    return backend.complete(request, context);
}

plugins::CallResult fromPicture(const Work& work, const PromptSetup& setup,
                                store::PictureStore& pictures, bool& reached) {
    const JobSpec& spec = *work.spec;
    auto picture = pictures.loadInput(work.inputFile);
    if (!picture) return unreadableInput(picture.error());
    reached = true;
    VisionTask task;
    task.picture = std::move(*picture);
    task.correlationId = work.correlationId;
    task.jobId = work.jobId();
    task.cancellation = work.cancellation;
    const std::string concept_ = spec.prompt.empty()
                                     ? "There is no concept: stay close to the picture."
                                     : "Transform the picture by this concept: " + spec.prompt;
    plugins::CallResult seen =
        setup.vision->tell(std::move(task), kPictureInstructions,
                           concept_ + variationOf(spec, work.run()), seedFor(work));
    if (!seen.ok()) return seen;
    const auto scene = sceneIn(seen.text);
    if (!scene) return seen;

    plugins::TextRequest request = requestFor(work);
    request.user += "\nStart from a picture, which is described by this JSON:\n" +
                    descriptionOf(*scene).dump(2, ' ', false, Json::error_handler_t::replace);
    // For a writer that reads nothing but the concept.
    const std::string words = sceneInWords(*scene);
    request.extra["concept"] =
        spec.prompt.empty() || words.empty() ? spec.prompt + words : spec.prompt + ", " + words;
    request.extra["scene"] = *scene;
    return ask(work, setup, *setup.backend, request);
}

}  // namespace

PromptOutcome writePrompt(const Work& work, const PromptSetup& setup,
                          store::PictureStore& pictures) {
    PromptOutcome outcome;
    const auto begun = std::chrono::steady_clock::now();
    try {
        if (work.spec->hasImage() && setup.vision != nullptr) {
            outcome.call = fromPicture(work, setup, pictures, outcome.reached);
        } else {
            outcome.reached = true;
            outcome.call = ask(work, setup, *setup.backend, requestFor(work));
        }
    } catch (const std::bad_alloc&) {
        outcome.call = outOfOurMemory();
    }
    outcome.duration =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    outcome.prompt = cleanPrompt(outcome.call.text);
    if (outcome.call.ok() && outcome.prompt.empty()) {
        outcome.call.status = plugins::CallStatus::BadOutput;
        outcome.call.message = "the language model answered with nothing usable";
    }
    return outcome;
}

std::string embeddedPrompt(const Work& work, const PromptSetup& setup) {
    if (!setup.embedded) return "";
    return cleanPrompt(ask(work, setup, *setup.embedded, requestFor(work)).text);
}

}  // namespace host::pipeline
