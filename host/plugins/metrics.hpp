// Where figures about plugins go, and a bounded collection of them in memory. Thread-safe; nothing
// here fails: what is over a bound or malformed is dropped and counted.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/sync.hpp"

namespace host::plugins {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

class MetricsSink {
  public:
    virtual ~MetricsSink() = default;
    virtual void counterAdd(std::string_view name, const MetricLabels& labels, double value) = 0;
    virtual void gaugeSet(std::string_view name, const MetricLabels& labels, double value) = 0;
    virtual void observe(std::string_view name, const MetricLabels& labels, double value) = 0;
};

class MetricsRegistry : public MetricsSink {
  public:
    static constexpr std::size_t kMaxNames = 500;
    static constexpr std::size_t kMaxLabelSets = 200;  // of one name
    static constexpr std::array<double, 10> kBuckets{0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 120, 600};

    enum class Kind { Counter, Gauge, Histogram };
    struct Sample {
        std::string name;
        MetricLabels labels;
        Kind kind = Kind::Counter;
        double value = 0;         // the sum of a histogram
        std::uint64_t count = 0;  // of a histogram, as are the buckets: values up to kBuckets[i]
        std::array<std::uint64_t, kBuckets.size()> buckets{};
    };

    void counterAdd(std::string_view name, const MetricLabels& labels, double value) override;
    void gaugeSet(std::string_view name, const MetricLabels& labels, double value) override;
    void observe(std::string_view name, const MetricLabels& labels, double value) override;

    // By name, then labels.
    std::vector<Sample> snapshot() const;
    std::uint64_t dropped() const;

  private:
    struct Family {
        Kind kind = Kind::Counter;
        std::map<MetricLabels, Sample> samples;
    };
    // Null when it is dropped.
    Sample* find(Kind kind, std::string_view name, const MetricLabels& labels, double value)
        IPL_REQUIRES(mutex_);

    mutable Mutex mutex_;
    std::map<std::string, Family, std::less<>> families_ IPL_GUARDED_BY(mutex_);
    std::uint64_t dropped_ IPL_GUARDED_BY(mutex_) = 0;
};

}  // namespace host::plugins
