// sim-comfyui: a ComfyUI for tests, demonstrations and dry runs, without a GPU.

#include "sim-comfyui/studio.hpp"
#include "sim-common/program.hpp"

int main(int argc, char** argv) {
    sim::Options options(
        argc, argv,
        "Speaks ComfyUI's HTTP API: /prompt, /queue, /history, /interrupt, /upload/image, /view,\n"
        "and /ws with progress and previews.\n"
        "Prints \"listening on PORT\" once it is ready; ends on SIGINT or SIGTERM.",
        sim::withServerOptions(
            {
                {"--seconds", "S", "time one picture takes", "0.2"},
                {"--jitter", "PART", "vary that time by up to this part, e.g. 0.2", "0"},
                {"--checkpoint", "NAME", "the one model that it has", "model.safetensors"},
                {"--fault", "NAMES",
                 "misbehave, see below; a,b,,c: in turn, and well at the gap, but for those that "
                 "stand alone",
                 ""},
                {"--fault-after", "N", "so many good prompts before the fault", "0"},
                {"--fault-count", "N", "so many faulty prompts, 0 = all", "0"},
            },
            "request"),
        "Faults:\n" + sim::studioFaults());

    sim::StudioOptions studioOptions;
    studioOptions.seconds = options.number("--seconds");
    studioOptions.jitter = options.number("--jitter");
    studioOptions.checkpoint = options.text("--checkpoint");
    studioOptions.fault = options.text("--fault");
    studioOptions.faultCount = static_cast<int>(options.number("--fault-count"));
    studioOptions.faultAfter = static_cast<int>(options.number("--fault-after"));
    studioOptions.logFile = options.text("--log");
    if (!studioOptions.fault.empty() && !sim::areStudioFaults(studioOptions.fault))
        sim::usageFault("unknown fault: " + studioOptions.fault);
    return sim::runSimulator("sim-comfyui", options, [&](const sim::Serve& serve) {
        sim::Studio studio(studioOptions);
        serve([&](auto& connection, const auto& request) {
            return studio.answer(connection, request);
        });
    });
}
