#include "plugins/host_context.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <new>

#include "plugins/abi_text.hpp"
#include "support/text.hpp"
#include "support/version.hpp"

namespace host::plugins {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxLogLine = 4096;
constexpr int kLinesPerSecond = 100;
constexpr std::uint32_t kMaxLabels = 8;
constexpr std::size_t kMaxMetricText = 100;

spdlog::level::level_enum levelOf(std::int32_t level) {
    if (level <= IPL_LOG_DEBUG) return spdlog::level::debug;
    if (level == IPL_LOG_INFO) return spdlog::level::info;
    if (level == IPL_LOG_WARNING) return spdlog::level::warn;
    return spdlog::level::err;
}

void hostLog(const ipl_host* host, std::int32_t level, ipl_span message) noexcept {
    HostContext::of(host).log(level, viewOf(message), {});
}

const void* getInterface(const ipl_host* /*host*/, const char* id) noexcept {
    if (id == nullptr) return nullptr;
    if (std::strcmp(id, IPL_HOST_CONFIG) == 0) return &hostConfigInterface();
    if (std::strcmp(id, IPL_HOST_METRICS) == 0) return &hostMetricsInterface();
    if (std::strcmp(id, IPL_HOST_HTTP) == 0) return &hostHttpInterface();
    if (std::strcmp(id, IPL_HOST_WEBSOCKET) == 0) return &hostWebsocketInterface();
    return nullptr;
}

// ---- ipl.host.config/1 --------------------------------------------------------------------------

const Json* setting(const ipl_host* host, const char* pointer) {
    if (pointer == nullptr) return nullptr;
    try {
        const Json& settings = HostContext::of(host).settings();
        const Json::json_pointer at{std::string(pointer)};
        return settings.contains(at) ? &settings.at(at) : nullptr;
    } catch (const std::exception&) {  // the pointer is malformed
        return nullptr;
    }
}

std::int32_t getString(const ipl_host* host, const char* pointer, ipl_span* out) noexcept {
    const Json* value = setting(host, pointer);
    const auto* text = value != nullptr ? value->get_ptr<const std::string*>() : nullptr;
    if (text == nullptr || out == nullptr) return 0;
    *out = spanOf(*text);
    return 1;
}

std::int32_t getI64(const ipl_host* host, const char* pointer, std::int64_t* out) noexcept {
    const Json* value = setting(host, pointer);
    if (value == nullptr || !value->is_number_integer() || out == nullptr) return 0;
    if (value->is_number_unsigned() && value->get<std::uint64_t>() > std::uint64_t{INT64_MAX}) {
        return 0;
    }
    *out = value->get<std::int64_t>();
    return 1;
}

std::int32_t getF64(const ipl_host* host, const char* pointer, double* out) noexcept {
    const Json* value = setting(host, pointer);
    if (value == nullptr || !value->is_number() || out == nullptr) return 0;
    *out = value->get<double>();
    return 1;
}

std::int32_t getBool(const ipl_host* host, const char* pointer, std::int32_t* out) noexcept {
    const Json* value = setting(host, pointer);
    if (value == nullptr || !value->is_boolean() || out == nullptr) return 0;
    *out = value->get<bool>() ? 1 : 0;
    return 1;
}

// ---- ipl.host.metrics/1 -------------------------------------------------------------------------

using Record = void (MetricsRegistry::*)(std::string_view, const MetricLabels&, double);

void record(const ipl_host* host, const char* name, const char* const* labels, std::uint32_t n,
            double value, Record function) noexcept {
    try {
        const HostContext& context = HostContext::of(host);
        MetricsRegistry* sink = context.services().metrics.get();
        if (sink == nullptr || name == nullptr || n > kMaxLabels || (n > 0 && labels == nullptr)) {
            return;
        }
        MetricLabels copied{{"instance", context.instance()}};
        for (std::uint32_t i = 0; i < n; ++i) {
            const char* key = labels[2 * i];
            const char* text = labels[2 * i + 1];
            if (key == nullptr || text == nullptr) return;
            copied.emplace_back(std::string(key, ::strnlen(key, kMaxMetricText)),
                                cleanText({text, ::strnlen(text, kMaxMetricText)}, kMaxMetricText));
        }
        // An id may hold what a metric's name may not.
        std::string id = context.pluginId();
        std::replace_if(
            id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '_'; },
            '_');
        const std::string full =
            "plugin_" + id + "_" + std::string(name, ::strnlen(name, kMaxMetricText));
        (sink->*function)(full, copied, value);
    } catch (const std::exception&) {  // out of memory: a figure is lost
    }
}

void counterAdd(const ipl_host* host, const char* name, const char* const* labels, std::uint32_t n,
                double value) noexcept {
    record(host, name, labels, n, value, &MetricsRegistry::counterAdd);
}

void gaugeSet(const ipl_host* host, const char* name, const char* const* labels, std::uint32_t n,
              double value) noexcept {
    record(host, name, labels, n, value, &MetricsRegistry::gaugeSet);
}

void histogramObserve(const ipl_host* host, const char* name, const char* const* labels,
                      std::uint32_t n, double value) noexcept {
    record(host, name, labels, n, value, &MetricsRegistry::observe);
}

}  // namespace

const ipl_host_config& hostConfigInterface() {
    static constexpr ipl_host_config kTable{
        sizeof(ipl_host_config), 0, &getString, &getI64, &getF64, &getBool};
    return kTable;
}

const ipl_host_metrics& hostMetricsInterface() {
    static constexpr ipl_host_metrics kTable{sizeof(ipl_host_metrics), 0, &counterAdd, &gaugeSet,
                                             &histogramObserve};
    return kTable;
}

HostContext::HostContext(std::string pluginId, std::string instance, Json settings,
                         HostServices services)
    : pluginId_(std::move(pluginId)),
      instance_(std::move(instance)),
      settings_(std::move(settings)),
      services_(std::move(services)) {
    abi_.struct_size = sizeof(ipl_host);
    abi_.abi_minor = IPL_ABI_MINOR;
    abi_.name = "image-pipeline";
    abi_.version = kVersion;
    abi_.ctx = this;
    abi_.log = &hostLog;
    abi_.get_interface = &getInterface;
}

bool HostContext::mayLog() {
    int lost = 0;
    {
        MutexLock lock(mutex_);
        const auto now = Clock::now();
        if (now - logWindow_ >= std::chrono::seconds(1)) {
            logWindow_ = now;
            linesInWindow_ = 0;
            lost = std::exchange(droppedLines_, 0);
        }
        if (linesInWindow_ >= kLinesPerSecond) {
            ++droppedLines_;
            return false;
        }
        ++linesInWindow_;
    }
    if (lost > 0) {
        spdlog::warn("plugin={} instance={} {} log lines dropped, it logs too much", pluginId_,
                     instance_, lost);
    }
    return true;
}

void HostContext::log(std::int32_t level, std::string_view message,
                      std::string_view correlationId) {
    const auto at = levelOf(level);
    if (!spdlog::should_log(at) || !mayLog()) return;
    try {
        spdlog::log(at, "plugin={} instance={} correlation_id={} {}", pluginId_, instance_,
                    correlationId, cleanText(message, kMaxLogLine));
    } catch (const std::exception&) {  // out of memory: a line is lost
    }
}

void HostContext::misbehaviour(const char* kind, std::string_view correlationId) noexcept try {
    if (services_.metrics) {
        static constexpr MetricFamily kMisbehaviours{
            "plugin_misbehaviour_total", "How often a plugin broke a rule of the interface."};
        services_.metrics->counter(kMisbehaviours, {{"plugin", pluginId_}, {"kind", kind}}).add();
    }
    {
        MutexLock lock(mutex_);
        if (!knownMisbehaviours_.insert(kind).second) return;
    }
    spdlog::warn("plugin={} instance={} correlation_id={} breaks the plugin rules: {} (told once)",
                 pluginId_, instance_, correlationId, kind);
} catch (const std::bad_alloc&) {
    // No memory to tell of it: what the plugin did is answered all the same.
}

}  // namespace host::plugins
