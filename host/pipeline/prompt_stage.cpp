#include <spdlog/spdlog.h>

#include "pipeline/stages.hpp"

namespace host::pipeline {

namespace {

constexpr char kInstructions[] =
    "You write prompts for image generation models. Answer with exactly one prompt of 80 to 120 "
    "words in English, as flowing descriptive text: subject first, then setting, light, colours, "
    "composition, camera, mood and style. Be concrete and visual. No title, no list, no quotation "
    "marks, no explanation: nothing but the prompt.";

std::string askFor(const JobSpec& spec, int run) {
    std::string text;
    if (spec.prompt.empty()) {
        text = "Invent a striking subject of your own.";
    } else {
        text = "Write a prompt that follows this concept: " + spec.prompt;
    }
    if (spec.count > 1) {
        text += "\nThis is variation " + std::to_string(run + 1) + " of " +
                std::to_string(spec.count) + ": make it differ from the others.";
    }
    return text;
}

}  // namespace

plugins::CallResult writePrompt(const Work& work, const PromptSetup& setup,
                                plugins::PromptBackend& backend) {
    const JobSpec& spec = *work.spec;
    plugins::TextRequest request;
    request.system = kInstructions;
    request.user = askFor(spec, work.run());
    if (const auto seed = spec.seedOf(work.run())) {
        // Endpoints with prompts of their own must not get the same one.
        std::int64_t slotNumber = 0;
        for (std::size_t i = 0; i < spec.endpoints.size(); ++i) {
            if (spec.endpoints[i] == work.row.key.slot) slotNumber = static_cast<std::int64_t>(i);
        }
        request.seed = (*seed + slotNumber * 1'000'003) % (std::int64_t{1} << 53);
    }
    request.extra["concept"] = spec.prompt;
    request.extra["run_index"] = work.run();
    request.extra["attempt"] = work.row.tries;

    plugins::CallContext context;
    context.correlationId = work.correlationId;
    context.jobId = work.jobId();
    context.deadline = std::chrono::steady_clock::now() + setup.timeout;
    context.cancellation = work.cancellation;
    return backend.complete(request, context);
}

}  // namespace host::pipeline
