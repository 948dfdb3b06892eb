// One simulated machine: POST /generate takes its time and makes a picture, GET /images/NAME hands
// it out, GET / says hello. Draws one picture at a time, like a real GPU, unless told otherwise; a
// client that leaves does not free it. Keeps the last 512 pictures. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "sim-common/faults.hpp"
#include "sim-common/request_log.hpp"
#include "sim-common/server.hpp"

namespace sim {

struct MachineOptions {
    double seconds = 0.2;
    double jitter = 0;    // +- this part of seconds
    double failRate = 0;  // part of all requests answered with a 500
    std::string fault;    // see machineFaults(); empty = none
    int faultAfter = 0;   // so many good generations first
    int faultCount = 0;   // then so many faulty ones; 0 = all
    bool parallel = false;
    std::string logFile;
};

// The names of all faults with what they do, for the help text.
std::string machineFaults();
bool areMachineFaults(const std::string& names);

class Machine {
  public:
    explicit Machine(const MachineOptions& options);

    bool answer(Connection& connection, const Request& request);

  private:
    using Json = nlohmann::ordered_json;
    bool generate(Connection& connection, const Request& request);
    bool faultyGenerate(Connection& connection, const std::string& fault, Json& entry);
    bool sendPicture(Connection& connection, const std::string& name);
    Connection::Wait draw(Connection& connection, Json& entry);
    std::string store(const Json& body, std::int64_t seed, const std::string& name);
    Json answerOf(const std::string& name, std::int64_t seed) const;
    std::optional<std::string> picture(const std::string& name);
    std::string nextFault();

    MachineOptions options_;
    FaultPlan faults_;
    RequestLog log_;
    std::mutex gpu_;  // held while drawing
    std::mutex mutex_;
    std::mt19937_64 random_{std::random_device{}()};
    std::uint64_t made_ = 0;
    std::deque<std::pair<std::string, std::string>> pictures_;
};

}  // namespace sim
