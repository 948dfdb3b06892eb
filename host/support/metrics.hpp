// The figures of the running host in one place: what GET /metrics shows. Parts of the host hold on
// to their Counter, Gauge or Histogram and change it without a lock; plugins report by name,
// through the bounds below; what is known elsewhere already is asked for when somebody looks, by
// collectors.
//
// Thread-safe. Nothing here fails: what is over a bound or malformed is dropped and counted.
// Ownership: a Counter, Gauge or Histogram lives as long as its registry.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/sync.hpp"

namespace host {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;
enum class MetricKind { Counter, Gauge, Histogram };

class Counter {
  public:
    void add(double amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
    double value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<double> value_{0};
};

class Gauge {
  public:
    void set(double value) { value_.store(value, std::memory_order_relaxed); }
    void add(double amount) { value_.fetch_add(amount, std::memory_order_relaxed); }
    double value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<double> value_{0};
};

class Histogram {
  public:
    // `bounds` grow; they must live as long as this.
    explicit Histogram(std::span<const double> bounds);
    void observe(double value);

    std::span<const double> bounds() const { return bounds_; }
    // How many values were above the bound before and up to the i-th; the last one: above them all.
    std::vector<std::uint64_t> counts() const;
    double sum() const { return sum_.load(std::memory_order_relaxed); }

  private:
    const std::span<const double> bounds_;
    std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;
    std::atomic<double> sum_{0};
};

// What a family is called and means. All texts are literals.
struct MetricFamily {
    const char* name;
    const char* help;
    std::span<const double> bounds{};  // of histograms
};

// Prometheus' text format, version 0.0.4. One family after the other, each with all its samples.
class MetricsText {
  public:
    void family(MetricKind kind, std::string_view name, std::string_view help);
    // Of the family begun last.
    void sample(const MetricLabels& labels, double value);
    void histogram(const MetricLabels& labels, const Histogram& histogram);
    // A family with one sample.
    void single(MetricKind kind, std::string_view name, std::string_view help, double value);

    std::string take() { return std::move(text_); }

  private:
    void line(std::string_view suffix, const MetricLabels& labels, std::string_view le,
              double value);

    std::string text_;
    std::string name_;
};

class MetricsRegistry {
  public:
    // For what plugins report.
    static constexpr std::size_t kMaxReportedNames = 200;
    static constexpr std::size_t kMaxReportedSets = 200;  // of one name
    // Label sets altogether; beyond it new ones are dropped.
    static constexpr std::size_t kMaxSets = 5000;

    // The one with these labels, made when there is none. Costs a lock: keep the reference.
    Counter& counter(const MetricFamily& family, MetricLabels labels = {});
    Gauge& gauge(const MetricFamily& family, MetricLabels labels = {});
    Histogram& histogram(const MetricFamily& family, MetricLabels labels = {});

    // What a plugin reports, under any name.
    void counterAdd(std::string_view name, const MetricLabels& labels, double value);
    void gaugeSet(std::string_view name, const MetricLabels& labels, double value);
    void observe(std::string_view name, const MetricLabels& labels, double value);

    // Called by text(), in the order in which they were added; must not block. What a collector
    // asks has to live as long as text() may be called.
    using Collector = std::function<void(MetricsText&)>;
    void collect(Collector collector);

    std::string text() const;
    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

  private:
    struct Series {
        Counter counter;
        Gauge gauge;
        std::unique_ptr<Histogram> histogram;
    };
    struct Family {
        MetricKind kind = MetricKind::Counter;
        std::string help;
        std::span<const double> bounds;
        std::map<MetricLabels, std::unique_ptr<Series>> series;
    };

    Series& known(MetricKind kind, const MetricFamily& family, MetricLabels labels)
        IPL_EXCLUDES(mutex_);
    Series* reported(MetricKind kind, std::string_view name, const MetricLabels& labels,
                     double value) IPL_EXCLUDES(mutex_);
    Series* findReported(MetricKind kind, std::string_view name, const MetricLabels& labels)
        IPL_REQUIRES(mutex_);
    Series* add(Family& family, MetricLabels labels) IPL_REQUIRES(mutex_);

    mutable Mutex mutex_;
    std::map<std::string, Family, std::less<>> families_ IPL_GUARDED_BY(mutex_);
    std::size_t reportedNames_ IPL_GUARDED_BY(mutex_) = 0;
    std::size_t sets_ IPL_GUARDED_BY(mutex_) = 0;
    // Stand in for what is over a bound; shown nowhere.
    std::vector<std::unique_ptr<Series>> hidden_ IPL_GUARDED_BY(mutex_);
    std::atomic<std::uint64_t> dropped_{0};

    mutable Mutex collecting_;
    std::vector<Collector> collectors_ IPL_GUARDED_BY(collecting_);
};

}  // namespace host
