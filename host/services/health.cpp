#include "services/health.hpp"

#include "support/clock.hpp"
#include "support/text.hpp"
#include "support/version.hpp"

namespace host::services {

Json healthBase(const Common& common, const std::string& service) {
    const std::chrono::duration<double> uptime =
        std::chrono::steady_clock::now() - common.startedAt;
    return {{"service", service},
            {"status", "healthy"},
            {"timestamp", isoTime(epochNow())},
            {"version", kVersion},
            {"uptime_seconds", uptime.count()}};
}

}  // namespace host::services
