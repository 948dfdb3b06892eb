/*
 * Host: the host as an instance sees it; Config: its settings; Metrics: its figures. All three are
 * light handles, copied freely and safe on any thread, valid until the backend's destructor
 * returns. Config is for the backend's constructor only. A host interface that this host lacks is
 * as if every setting were absent, and metrics go nowhere.
 */
#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ipl/call.hpp"

#pragma GCC visibility push(hidden)
namespace ipl {
inline namespace v1_0 {

/* Settings by JSON pointer ("/url"). nullopt: absent or of another type. */
class Config {
  public:
    explicit Config(const ipl_host* host)
        : host_(host),
          config_(static_cast<const ipl_host_config*>(host->get_interface(host, IPL_HOST_CONFIG))) {
    }

    std::optional<std::string> getString(const char* pointer) const {
        ipl_span out{};
        if (config_ == nullptr || config_->get_string(host_, pointer, &out) == 0) return {};
        return std::string(viewOf(out));
    }
    std::optional<int64_t> getInt(const char* pointer) const {
        return get<int64_t>(pointer, &ipl_host_config::get_i64);
    }
    std::optional<double> getDouble(const char* pointer) const {
        return get<double>(pointer, &ipl_host_config::get_f64);
    }
    std::optional<bool> getBool(const char* pointer) const {
        const auto value = get<int32_t>(pointer, &ipl_host_config::get_bool);
        return value ? std::optional<bool>(*value != 0) : std::nullopt;
    }
    /* Throws Error kInvalidArgument, with the pointer as field, when there is no such text. */
    std::string requireString(const char* pointer) const {
        auto value = getString(pointer);
        if (!value) throw Error(Status::kInvalidArgument, "this setting is required", pointer);
        return *std::move(value);
    }

  private:
    template <class T, class Getter>
    std::optional<T> get(const char* pointer, Getter getter) const {
        T out{};
        if (config_ == nullptr || (config_->*getter)(host_, pointer, &out) == 0) return {};
        return out;
    }

    const ipl_host* host_;
    const ipl_host_config* config_;
};

using Labels = std::initializer_list<std::pair<const char*, const char*>>;

class Metrics {
  public:
    explicit Metrics(const ipl_host* host)
        : host_(host),
          metrics_(
              static_cast<const ipl_host_metrics*>(host->get_interface(host, IPL_HOST_METRICS))) {}

    void counterAdd(const char* name, double value = 1, Labels labels = {}) const {
        record(&ipl_host_metrics::counter_add, name, value, labels);
    }
    void gaugeSet(const char* name, double value, Labels labels = {}) const {
        record(&ipl_host_metrics::gauge_set, name, value, labels);
    }
    void observe(const char* name, double value, Labels labels = {}) const {
        record(&ipl_host_metrics::histogram_observe, name, value, labels);
    }

  private:
    template <class Function>
    void record(Function function, const char* name, double value, Labels labels) const {
        if (metrics_ == nullptr) return;
        constexpr size_t kMaxLabels = 8; /* more are left out */
        std::array<const char*, 2 * kMaxLabels> flat{};
        uint32_t n = 0;
        for (const auto& [key, text] : labels) {
            if (n == kMaxLabels) break;
            flat[2 * n] = key;
            flat[2 * n + 1] = text;
            ++n;
        }
        (metrics_->*function)(host_, name, flat.data(), n, value);
    }

    const ipl_host* host_;
    const ipl_host_metrics* metrics_;
};

class Host {
  public:
    explicit Host(const ipl_host* host) : host_(host) {}

    std::string_view name() const { return host_->name; }
    std::string_view version() const { return host_->version; }
    void log(Log level, std::string_view message) const {
        host_->log(host_, static_cast<int32_t>(level), spanOf(message));
    }
    Config config() const { return Config(host_); }
    Metrics metrics() const { return Metrics(host_); }
    /* A host interface of the C ABI by its id, or nullptr. */
    const void* interface(const char* id) const { return host_->get_interface(host_, id); }
    const ipl_host* raw() const { return host_; }

  private:
    const ipl_host* host_;
};

}  // namespace v1_0
}  // namespace ipl
#pragma GCC visibility pop
