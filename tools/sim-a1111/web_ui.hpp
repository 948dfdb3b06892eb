// One simulated server of A1111's family: its lists, txt2img and img2img, progress and interrupt,
// as far as its flavour has them. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "sim-a1111/easel.hpp"
#include "sim-a1111/flavour.hpp"
#include "sim-common/faults.hpp"
#include "sim-common/request_log.hpp"
#include "sim-common/server.hpp"

namespace sim {

struct WebUiOptions {
    WebUiFlavour flavour = WebUiFlavour::A1111;
    double seconds = 0.2;
    double jitter = 0;    // +- this part of seconds
    double occupied = 0;  // so long its own page draws, from the first request for a drawing on
    std::string auth;     // "user:password"; empty = none is asked for
    std::string fault;    // see webUiFaults(); empty = none
    int faultAfter = 0;
    int faultCount = 0;  // 0 = all
    std::string logFile;
};

// The names of all faults with what they do, for the help text.
std::string webUiFaults();
bool areWebUiFaults(const std::string& name);

class WebUi {
  public:
    explicit WebUi(const WebUiOptions& options);

    bool answer(Connection& connection, const Request& request);

  private:
    using Json = nlohmann::ordered_json;
    bool lists(Connection& connection, const std::string& path);
    bool following(Connection& connection, const Request& request, const std::string& path);
    bool generate(Connection& connection, const Request& request, bool fromPicture);
    bool wrong(Connection& connection, const Json& body, bool fromPicture, bool& answered) const;
    bool faulty(Connection& connection, const std::string& fault);
    Json result(const Json& body, const std::string& timestamp);
    void logDrawing(const Json& body, const char* outcome);

    const WebUiOptions options_;
    RequestLog log_;
    FaultPlan faults_;
    Easel easel_;
    std::atomic<std::uint64_t> drawn_{0};
};

}  // namespace sim
