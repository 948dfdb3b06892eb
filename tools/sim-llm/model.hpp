// A simulated language model behind an OpenAI-compatible front: POST /v1/chat/completions, streamed
// and whole, GET /v1/models, GET /health. Writes one answer at a time, like a server with one slot,
// unless told otherwise; a streaming client that leaves frees it at once. Scene JSON is the answer
// where a response schema or a JSON object is asked for, prose elsewhere. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "sim-common/faults.hpp"
#include "sim-common/request_log.hpp"
#include "sim-common/server.hpp"
#include "sim-llm/flavour.hpp"

namespace sim {

struct ModelOptions {
    double seconds = 0.15;
    int words = 90;
    std::string model = "sim-model";
    std::string apiKey;  // asked for when not empty
    bool parallel = false;
    std::string fault;  // see modelFaults(); empty = none
    int faultAfter = 0;
    int faultCount = 0;  // 0 = all
    double loadingSeconds = 0;
    std::string logFile;
    Flavour flavour = Flavour::Plain;
    std::vector<std::string> models = {};  // of a flavour; empty: `model` alone
};

std::string modelFaults();
bool areModelFaults(const std::string& names);

class Model {
  public:
    explicit Model(const ModelOptions& options);

    bool answer(Connection& connection, const Request& request);

  private:
    using Json = nlohmann::ordered_json;
    bool complete(Connection& connection, const Request& request);
    bool waitForLoading(Connection& connection, const Json& body);
    bool stream(Connection& connection, const std::string& text, const std::string& fault,
                Json& entry);
    bool whole(Connection& connection, const std::string& text, Json& entry);
    bool refuse(Connection& connection, const std::string& fault, Json& entry);
    std::string write(const std::string& user, std::int64_t seed) const;
    std::string scene(const std::string& user, std::int64_t seed) const;  // JSON
    Json chunk(const Json& delta, const Json& finish) const;

    ModelOptions options_;
    FaultPlan faults_;
    Shelf shelf_;
    RequestLog log_;
    std::int64_t readyMs_;
    std::mutex slot_;  // held while writing
    std::mutex mutex_;
    std::mt19937_64 random_{std::random_device{}()};
};

}  // namespace sim
