#include "plugins/capabilities.hpp"

#include <spdlog/spdlog.h>

#include <atomic>
#include <thread>

#include "plugins/abi_text.hpp"
#include "plugins/backend.hpp"
#include "support/ids.hpp"

namespace host::plugins {

namespace {

constexpr std::size_t kMaxAnswer = 64 * 1024;
constexpr std::size_t kMaxFormats = 16;
constexpr std::size_t kMaxMime = 64;
constexpr std::size_t kMaxThreads = 16;

void warn(std::string_view who, std::string_view what) {
    spdlog::warn("{}: its describe {}; input pictures are not converted for that", who, what);
}

std::vector<std::string> formatsOf(const Json& value, std::string_view who) {
    std::vector<std::string> formats;
    const bool fits = value.is_array() && value.size() <= kMaxFormats;
    for (const Json& each : fits ? value : Json::array()) {
        if (!each.is_string() || each.get_ref<const std::string&>().size() > kMaxMime) break;
        formats.push_back(each.get<std::string>());
    }
    if (fits && formats.size() == value.size()) return formats;
    warn(who, "gives image_formats that are no list of media types");
    return {};
}

std::uint32_t sideOf(const Json& value, std::string_view who) {
    // A double also covers integers of any size.
    const double side = value.is_number() ? value.get<double>() : 0;
    if (side >= 1) return static_cast<std::uint32_t>(std::min<double>(side, imaging::kMaxSide));
    warn(who, "gives a max_image_side that is no number of pixels");
    return 0;
}

void learn(Backend& backend, std::chrono::milliseconds within) {
    CallContext context;
    context.correlationId = newCorrelationId();
    context.deadline = std::chrono::steady_clock::now() + within;
    context.cancellation = std::make_shared<Cancellation>();
    const CallResult answer = backend.describe(context);
    if (answer.ok()) {
        backend.setCapabilities(readCapabilities(answer.text, backend.name()));
    } else {
        spdlog::warn("{}: its plugin \"{}\" does not describe itself: {}", backend.name(),
                     backend.pluginId(), answer.message);
    }
}

}  // namespace

Capabilities readCapabilities(std::string_view answer, std::string_view who) {
    Capabilities capabilities;
    auto object = parseObject(answer, kMaxAnswer);
    if (!object) {
        warn(who, "is no JSON object of at most 64 KiB");
        return capabilities;
    }
    capabilities.raw = std::move(*object);
    if (const auto formats = capabilities.raw.find("image_formats");
        formats != capabilities.raw.end()) {
        capabilities.input.mimes = formatsOf(*formats, who);
    }
    if (const auto side = capabilities.raw.find("max_image_side"); side != capabilities.raw.end())
        capabilities.input.maxSide = sideOf(*side, who);
    return capabilities;
}

void learnCapabilities(const std::vector<std::shared_ptr<Backend>>& backends,
                       std::chrono::milliseconds within) {
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < backends.size(); i = next++)
            learn(*backends[i], within);
    };
    std::vector<std::thread> helpers;
    try {
        while (helpers.size() + 1 < std::min(backends.size(), kMaxThreads))
            helpers.emplace_back(work);
    } catch (const std::system_error&) {
        spdlog::warn("no threads are left to ask plugins side by side; they are asked in turn");
    }
    work();
    for (std::thread& helper : helpers)
        helper.join();
}

}  // namespace host::plugins
