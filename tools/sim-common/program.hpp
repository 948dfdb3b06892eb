// What the main functions of the simulators have in common: the options of a server, and serving
// until a signal ends it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim-common/options.hpp"
#include "sim-common/server.hpp"

namespace sim {

// --port and --address, `own`, then --log.
std::vector<Option> withServerOptions(std::vector<Option> own, const std::string& logged);

// Runs `simulate` with a function that serves: it prints "listening on PORT" and returns after
// SIGINT or SIGTERM. What `simulate` makes before lives as long; its threads do not see the
// signals. Returns the exit code of main.
using Answer = std::function<bool(Connection&, const Request&)>;
using Serve = std::function<void(Answer answer)>;
int runSimulator(std::string_view program, const Options& options,
                 const std::function<void(const Serve& serve)>& simulate);

}  // namespace sim
