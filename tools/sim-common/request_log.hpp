// The record a simulator keeps of what it was asked: one JSON object per line, written out at once.
// Thread-safe. An empty path keeps nothing.
#pragma once

#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

namespace sim {

class RequestLog {
  public:
    // Appends. Throws std::runtime_error when the file cannot be opened.
    explicit RequestLog(const std::string& path);
    void write(const nlohmann::ordered_json& entry);

  private:
    std::mutex mutex_;
    std::ofstream out_;
};

}  // namespace sim
