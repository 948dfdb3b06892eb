// sim-comfyui: a ComfyUI for tests, demonstrations and dry runs, without a GPU.
#include <csignal>
#include <cstdint>
#include <exception>
#include <iostream>

#include "sim-comfyui/studio.hpp"
#include "sim-common/options.hpp"
#include "sim-common/server.hpp"

int main(int argc, char** argv) {
    sim::Options options(
        argc, argv,
        "Speaks ComfyUI's HTTP API: /prompt, /queue, /history, /interrupt, /upload/image, /view.\n"
        "Prints \"listening on PORT\" once it is ready; ends on SIGINT or SIGTERM.",
        {
            {"--port", "N", "port to listen on, 0 = any free one", "0"},
            {"--address", "IP", "address to listen on", "127.0.0.1"},
            {"--seconds", "S", "time one picture takes", "0.2"},
            {"--jitter", "PART", "vary that time by up to this part, e.g. 0.2", "0"},
            {"--checkpoint", "NAME", "the one model that it has", "model.safetensors"},
            {"--fault", "NAME", "misbehave, see below", ""},
            {"--fault-count", "N", "so many faulty prompts, 0 = all", "0"},
            {"--log", "FILE", "append one JSON line per request", ""},
        },
        "Faults:\n" + sim::studioFaults());

    sim::StudioOptions studioOptions;
    studioOptions.seconds = options.number("--seconds");
    studioOptions.jitter = options.number("--jitter");
    studioOptions.checkpoint = options.text("--checkpoint");
    studioOptions.fault = options.text("--fault");
    studioOptions.faultCount = static_cast<int>(options.number("--fault-count"));
    studioOptions.logFile = options.text("--log");
    if (!studioOptions.fault.empty() && !sim::isStudioFault(studioOptions.fault))
        sim::usageFault("unknown fault: " + studioOptions.fault);
    double port = options.number("--port");
    if (port > 65535) sim::usageFault("--port is above 65535");

    // Before the first thread, so that only sigwait sees them.
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    try {
        sim::Studio studio(studioOptions);
        sim::Server server(
            sim::keepAlive([&](sim::Connection& connection, const sim::Request& request) {
                return studio.answer(connection, request);
            }),
            static_cast<std::uint16_t>(port), options.text("--address"));
        std::cout << "listening on " << server.port() << std::endl;
        int signal = 0;
        sigwait(&ending, &signal);
    } catch (const std::exception& failure) {
        std::cerr << "sim-comfyui: " << failure.what() << '\n';
        return 1;
    }
    return 0;
}
