// sim-a1111: A1111's web UI and those who speak its API, for tests, demonstrations and dry runs,
// without a GPU.
#include "sim-a1111/web_ui.hpp"
#include "sim-common/program.hpp"

int main(int argc, char** argv) {
    sim::Options options(
        argc, argv,
        "Speaks /sdapi/v1: txt2img, img2img, progress, interrupt, samplers, sd-models.\n"
        "Prints \"listening on PORT\" once it is ready; ends on SIGINT or SIGTERM.",
        sim::withServerOptions(
            {
                {"--flavour", "NAME", "behave like a1111, forge, sdnext, sd-server or draw-things",
                 "a1111"},
                {"--seconds", "S", "time one picture takes", "0.2"},
                {"--jitter", "PART", "vary that time by up to this part, e.g. 0.2", "0"},
                {"--occupied", "S", "its own page draws so long when the first request comes", "0"},
                {"--auth", "USER:PASSWORD", "ask for them, as --api-auth does", ""},
                {"--fault", "NAMES", "misbehave, see below; a,b,,c: in turn, and well at the gap",
                 ""},
                {"--fault-after", "N", "so many good drawings before the fault", "0"},
                {"--fault-count", "N", "so many faulty drawings, 0 = all", "0"},
            },
            "request, and one per drawing that ended"),
        "Faults:\n" + sim::webUiFaults());

    sim::WebUiOptions web;
    const auto flavour = sim::webUiFlavourFrom(options.text("--flavour"));
    if (!flavour) sim::usageFault("unknown flavour: " + options.text("--flavour"));
    web.flavour = *flavour;
    web.seconds = options.number("--seconds");
    web.jitter = options.number("--jitter");
    web.occupied = options.number("--occupied");
    web.auth = options.text("--auth");
    web.fault = options.text("--fault");
    web.faultAfter = static_cast<int>(options.number("--fault-after"));
    web.faultCount = static_cast<int>(options.number("--fault-count"));
    web.logFile = options.text("--log");
    if (!web.fault.empty() && !sim::areWebUiFaults(web.fault))
        sim::usageFault("unknown fault: " + web.fault);
    return sim::runSimulator("sim-a1111", options, [&](const sim::Serve& serve) {
        sim::WebUi server(web);
        serve([&](auto& connection, const auto& request) {
            return server.answer(connection, request);
        });
    });
}
