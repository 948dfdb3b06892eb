// sim-endpoint: a generation machine for tests, demonstrations and dry runs, without a GPU.
#include <csignal>
#include <cstdint>
#include <exception>
#include <iostream>

#include "sim-common/options.hpp"
#include "sim-common/server.hpp"
#include "sim-endpoint/machine.hpp"

int main(int argc, char** argv) {
    sim::Options options(
        argc, argv,
        "Speaks the generation endpoint protocol: POST /generate, GET /images/NAME, GET /.\n"
        "Prints \"listening on PORT\" once it is ready; ends on SIGINT or SIGTERM.",
        {
            {"--port", "N", "port to listen on, 0 = any free one", "0"},
            {"--address", "IP", "address to listen on", "127.0.0.1"},
            {"--seconds", "S", "time one picture takes", "0.2"},
            {"--jitter", "PART", "vary that time by up to this part, e.g. 0.2", "0"},
            {"--fail-rate", "PART", "part of all requests that fail with 500", "0"},
            {"--parallel", "", "draw all requests at once instead of one by one", ""},
            {"--fault", "NAME", "misbehave, see below", ""},
            {"--fault-after", "N", "so many good generations before the fault", "0"},
            {"--fault-count", "N", "so many faulty generations, 0 = all", "0"},
            {"--log", "FILE", "append one JSON line per generation", ""},
        },
        "Faults:\n" + sim::machineFaults());

    sim::MachineOptions machineOptions;
    machineOptions.seconds = options.number("--seconds");
    machineOptions.jitter = options.number("--jitter");
    machineOptions.failRate = options.number("--fail-rate");
    machineOptions.parallel = options.flag("--parallel");
    machineOptions.fault = options.text("--fault");
    machineOptions.faultAfter = static_cast<int>(options.number("--fault-after"));
    machineOptions.faultCount = static_cast<int>(options.number("--fault-count"));
    machineOptions.logFile = options.text("--log");
    if (!machineOptions.fault.empty() && !sim::isMachineFault(machineOptions.fault))
        sim::usageFault("unknown fault: " + machineOptions.fault);
    double port = options.number("--port");
    if (port > 65535) sim::usageFault("--port is above 65535");

    // Before the first thread, so that only sigwait sees them.
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    try {
        sim::Machine machine(machineOptions);
        sim::Server server(
            sim::keepAlive([&](sim::Connection& connection, const sim::Request& request) {
                return machine.answer(connection, request);
            }),
            static_cast<std::uint16_t>(port), options.text("--address"));
        machine.onRefuse = [&server] { server.stopListening(); };
        std::cout << "listening on " << server.port() << std::endl;
        int signal = 0;
        sigwait(&ending, &signal);
    } catch (const std::exception& failure) {
        std::cerr << "sim-endpoint: " << failure.what() << '\n';
        return 1;
    }
    return 0;
}
