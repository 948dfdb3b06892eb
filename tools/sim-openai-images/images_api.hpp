// One simulated server of OpenAI's images API: generations and edits, whole and as events with
// partial images, pictures in base64 or at an address, models. Draws any number at once. Keeps the
// last 64 pictures. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "sim-common/faults.hpp"
#include "sim-common/request_log.hpp"
#include "sim-common/server.hpp"
#include "sim-openai-images/call.hpp"

namespace sim {

struct ImagesApiOptions {
    double seconds = 0.2;
    double jitter = 0;  // +- this part of seconds
    std::vector<std::string> models{"gpt-image-1"};
    std::string apiKey;      // empty = none is asked for
    bool addresses = false;  // answers with a url whatever was asked for
    std::string fault;       // see imagesApiFaults(); empty = none
    int faultAfter = 0;
    int faultCount = 0;  // 0 = all
    std::string logFile;
};

// The names of all faults with what they do, for the help text.
std::string imagesApiFaults();
bool areImagesApiFaults(const std::string& name);

class ImagesApi {
  public:
    explicit ImagesApi(const ImagesApiOptions& options);

    bool answer(Connection& connection, const Request& request);

  private:
    using Json = nlohmann::ordered_json;
    bool images(Connection& connection, const Request& request, bool edit);
    bool whole(Connection& connection, const ImagesCall& call, const std::string& host);
    bool stream(Connection& connection, const ImagesCall& call, const std::string& fault);
    bool refused(Connection& connection, const std::string& fault);
    bool file(Connection& connection, const std::string& name);
    Connection::Wait draw(Connection& connection, double part);
    std::string picture(const ImagesCall& call);
    void logEnd(const char* outcome);

    const ImagesApiOptions options_;
    RequestLog log_;
    FaultPlan faults_;
    std::mutex mutex_;
    std::mt19937_64 random_{std::random_device{}()};
    std::uint64_t drawn_ = 0;
    std::deque<std::pair<std::string, std::string>> files_;
};

}  // namespace sim
