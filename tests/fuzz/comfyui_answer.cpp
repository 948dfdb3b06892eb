// Answers of ComfyUI: refusals, queue, history, object_info, frames of its websocket; and workflows
// from a settings file. The first line is the prompt's id.
#include "comfyui/errors.hpp"
#include "comfyui/events.hpp"
#include "comfyui/history.hpp"
#include "comfyui/workflow.hpp"
#include "fuzz.hpp"
#include "plugin_errors.hpp"

using fuzz::check;
using fuzz::expectErrors;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view body = fuzz::text(data, size);
    const std::string id(fuzz::takeLine(body));
    expectErrors([&] { comfyui::findInQueue(body, id); });
    expectErrors([&] {
        const auto pictures = comfyui::picturesOf(body, id, {});
        check(!pictures || (!pictures->empty() && pictures->size() <= comfyui::kMaxPictures),
              "pictures are bounded");
    });
    const auto event = comfyui::eventOf(body);
    check(
        event.kind != comfyui::Event::Kind::Step || (event.steps > 0 && event.step <= event.steps),
        "a step lies within the steps");
    if (const auto preview = comfyui::previewOf(body))
        check(!preview->bytes.empty() && preview->bytes.size() < body.size(),
              "a preview lies within its frame");
    const ipl::Error error = comfyui::errorOf("POST /prompt", 400, body);
    check(error.message().size() < 8000, "an error answer is cut");
    upstream::Json(error.message()).dump();
    check(error.details().empty() || upstream::parseJson(error.details()), "details are JSON");
    expectErrors([&] {
        auto graph = upstream::parseJson(body);
        if (!graph) return;
        const comfyui::Workflow flow(*graph, "/workflow", upstream::Json(), "");
        flow.filled({{comfyui::Slot::Prompt, "x"}});
        flow.faultsAgainst("KSampler", {}, body);
    });
    return 0;
}
