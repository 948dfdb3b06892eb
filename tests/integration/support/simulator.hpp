// A simulated machine or language model as a process: see sim-endpoint --help and sim-llm --help.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/child_process.hpp"
#include "common/temp_dir.hpp"
#include "support/error.hpp"

namespace test {

// Where a program listens that goes away and comes back on its port: while it is away, a port of
// 127.0.0.1 is anybody's, also another test's.
inline constexpr const char* kAddressOfItsOwn = "127.0.77.1";

// Now, as the at_ms of the simulators' logs.
inline std::int64_t epochMs() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

class Simulator {
  public:
    // `program` is "sim-endpoint", "sim-comfyui", "sim-a1111", "sim-openai-images" or "sim-llm".
    // Throws when it does not start.
    Simulator(const std::string& program, std::vector<std::string> arguments,
              const std::string& address = "127.0.0.1");

    int port() const { return port_; }
    ChildProcess& process() { return *process_; }
    // It takes connections and answers none of them, however long the test needs, until it is
    // released.
    void hold() { process_->signal(SIGSTOP); }
    void release() { process_->signal(SIGCONT); }
    // What it was asked so far, in the order in which it was done: see its --log.
    std::vector<host::Json> log() const;
    // Entries of the host's config.json.
    host::Json endpoint(const std::string& name) const;
    host::Json prompt() const;

  private:
    TempDir folder_;
    std::string address_;
    std::unique_ptr<ChildProcess> process_;
    int port_ = 0;
};

// The faults that its --help lists.
std::set<std::string> faultsOf(const std::string& program);

// Each of them stands in one of the lists, which tests go through.
template <typename... Lists>
void expectTests(const std::string& program, const Lists&... lists) {
    std::set<std::string> here;
    (here.insert(lists.begin(), lists.end()), ...);
    EXPECT_EQ(here, faultsOf(program));
}

inline Simulator simEndpoint(double seconds, std::vector<std::string> more = {},
                             const std::string& address = "127.0.0.1") {
    more.insert(more.begin(), {"--seconds", std::to_string(seconds)});
    return Simulator("sim-endpoint", std::move(more), address);
}

inline Simulator simLlm(double seconds, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"--seconds", std::to_string(seconds)});
    return Simulator("sim-llm", std::move(more));
}

}  // namespace test
