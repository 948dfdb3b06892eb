// One simulated ComfyUI 0.3: queue, history, interrupt, upload, view and object_info over HTTP,
// progress and previews over its websocket, with one prompt running at a time. Keeps the last 256
// prompts and uploads. Thread-safe; the destructor stops what runs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sim-comfyui/event_hub.hpp"
#include "sim-common/faults.hpp"
#include "sim-common/request_log.hpp"
#include "sim-common/server.hpp"

namespace sim {

struct StudioOptions {
    double seconds = 0.2;
    double jitter = 0;   // +- this part of seconds
    std::string fault;   // see studioFaults(); empty = none
    int faultCount = 0;  // so many faulty prompts; 0 = all
    int faultAfter = 0;  // so many good prompts before
    std::string checkpoint = "model.safetensors";
    std::string logFile;
};

// The names of all faults with what they do, for the help text.
std::string studioFaults();
bool areStudioFaults(const std::string& names);

class Studio {
  public:
    explicit Studio(const StudioOptions& options);
    ~Studio();
    Studio(const Studio&) = delete;
    Studio& operator=(const Studio&) = delete;

    bool answer(Connection& connection, const Request& request);
    // Until a prompt runs; false when none does in that time.
    bool awaitRunning(std::chrono::milliseconds time);

  private:
    using Json = nlohmann::ordered_json;
    static constexpr std::size_t kKept = 256;
    struct Prompt {
        int number = 0;
        std::string id;
        std::string client;
        Json graph;
        std::string fault;
    };
    bool takePrompt(Connection& connection, const Request& request);
    bool takeUpload(Connection& connection, const Request& request);
    bool view(Connection& connection, const std::string& target);
    bool objectInfo(Connection& connection, const std::string& name) const;
    Json queue();
    void removePending(const Json& ids);
    void interrupt(const Json& body);
    void work();
    void sample(const Prompt& prompt, std::unique_lock<std::mutex>& lock);
    void tellStep(const Prompt& prompt, const std::string& node, int step, int steps);
    void tell(const Prompt& prompt, const char* type, Json data = Json::object());
    void tellStatus();
    void finish(const Prompt& prompt, const char* message, Json about);
    Json draw(const Prompt& prompt);

    const StudioOptions options_;
    RequestLog log_;
    EventHub events_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    bool interrupted_ = false;
    int numbers_ = 0;
    FaultPlan faults_;
    std::mt19937_64 random_{std::random_device{}()};
    std::optional<Prompt> running_;
    std::deque<Prompt> pending_;
    std::deque<std::pair<std::string, Json>> history_;
    std::deque<std::pair<std::string, std::string>> files_;  // "type/subfolder/name", bytes
    std::thread worker_;
};

}  // namespace sim
