#include "sim-common/program.hpp"

#include <csignal>
#include <cstdint>
#include <exception>
#include <iostream>
#include <utility>

namespace sim {

std::vector<Option> withServerOptions(std::vector<Option> own, const std::string& logged) {
    std::vector<Option> all{
        {"--port", "N", "port to listen on, 0 = any free one", "0"},
        {"--address", "IP", "address to listen on", "127.0.0.1"},
    };
    for (Option& option : own)
        all.push_back(std::move(option));
    all.push_back({"--log", "FILE", "append one JSON line per " + logged, ""});
    return all;
}

int runSimulator(std::string_view program, const Options& options,
                 const std::function<void(const Serve& serve)>& simulate) {
    const double port = options.number("--port");
    if (port > 65535) usageFault("--port is above 65535");
    // Before the first thread, so that only sigwait sees them.
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    try {
        simulate([&](Answer answer) {
            const Server server(keepAlive(std::move(answer)), static_cast<std::uint16_t>(port),
                                options.text("--address"));
            std::cout << "listening on " << server.port() << std::endl;
            int signal = 0;
            sigwait(&ending, &signal);
        });
    } catch (const std::exception& failure) {
        std::cerr << program << ": " << failure.what() << '\n';
        return 1;
    }
    return 0;
}

}  // namespace sim
