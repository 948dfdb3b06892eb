#include "sim-common/request_log.hpp"

#include <stdexcept>

namespace sim {

RequestLog::RequestLog(const std::string& path) {
    if (path.empty()) return;
    out_.open(path, std::ios::app);
    if (!out_) throw std::runtime_error("cannot write the log file " + path);
}

void RequestLog::write(const nlohmann::ordered_json& entry) {
    std::string line =
        entry.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    std::lock_guard lock(mutex_);
    if (out_.is_open()) out_ << line << std::flush;
}

}  // namespace sim
