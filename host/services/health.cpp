#include "services/health.hpp"

#include <array>
#include <charconv>

#include "support/clock.hpp"
#include "support/text.hpp"
#include "support/version.hpp"

namespace host::services {

std::string healthText(const Common& common, const std::string& service) {
    const std::chrono::duration<double> uptime =
        std::chrono::steady_clock::now() - common.startedAt;
    std::array<char, 32> seconds{};
    const auto end = std::to_chars(seconds.data(), seconds.data() + seconds.size(), uptime.count());
    std::string text;
    text.reserve(256);
    text += R"({"service":")";
    text += service;
    text += R"(","status":"healthy","timestamp":")";
    text += isoTime(epochNow());
    text += R"(","version":")";
    text += kVersion;
    text += R"(","uptime_seconds":)";
    text.append(seconds.data(), end.ptr);
    return text;
}

Json healthBase(const Common& common, const std::string& service) {
    return Json::parse(healthText(common, service) + "}");
}

}  // namespace host::services
