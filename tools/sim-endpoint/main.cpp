// sim-endpoint: a generation machine for tests, demonstrations and dry runs, without a GPU.

#include "sim-common/program.hpp"
#include "sim-endpoint/machine.hpp"

int main(int argc, char** argv) {
    sim::Options options(
        argc, argv,
        "Speaks the generation endpoint protocol: POST /generate, GET /images/NAME, GET /.\n"
        "Prints \"listening on PORT\" once it is ready; ends on SIGINT or SIGTERM.",
        sim::withServerOptions(
            {
                {"--seconds", "S", "time one picture takes", "0.2"},
                {"--jitter", "PART", "vary that time by up to this part, e.g. 0.2", "0"},
                {"--fail-rate", "PART", "part of all requests that fail with 500", "0"},
                {"--parallel", "", "draw all requests at once instead of one by one", ""},
                {"--fault", "NAMES", "misbehave, see below; a,b,,c: in turn, and well at the gap",
                 ""},
                {"--fault-after", "N", "so many good generations before the fault", "0"},
                {"--fault-count", "N", "so many faulty generations, 0 = all", "0"},
            },
            "generation"),
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
    if (!machineOptions.fault.empty() && !sim::areMachineFaults(machineOptions.fault))
        sim::usageFault("unknown fault: " + machineOptions.fault);
    return sim::runSimulator("sim-endpoint", options, [&](const sim::Serve& serve) {
        sim::Machine machine(machineOptions);
        serve([&](auto& connection, const auto& request) {
            return machine.answer(connection, request);
        });
    });
}
