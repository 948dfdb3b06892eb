#include "plugins/metrics.hpp"

#include <algorithm>
#include <cmath>

namespace host::plugins {

namespace {

constexpr std::size_t kMaxText = 120;
constexpr std::size_t kMaxLabels = 8;

bool isName(std::string_view text) {
    return !text.empty() && text.size() <= kMaxText && !(text[0] >= '0' && text[0] <= '9') &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_';
           });
}

}  // namespace

MetricsRegistry::Sample* MetricsRegistry::find(Kind kind, std::string_view name,
                                               const MetricLabels& labels, double value) {
    ++dropped_;  // until it has passed every check
    if (!isName(name) || labels.size() > kMaxLabels || !std::isfinite(value)) return nullptr;
    for (const auto& [key, text] : labels) {
        if (!isName(key) || text.size() > kMaxText) return nullptr;
    }
    auto family = families_.find(name);
    if (family == families_.end()) {
        if (families_.size() >= kMaxNames) return nullptr;
        family = families_.emplace(std::string(name), Family{kind, {}}).first;
    }
    auto& samples = family->second.samples;
    if (family->second.kind != kind) return nullptr;
    auto sample = samples.find(labels);
    if (sample == samples.end()) {
        if (samples.size() >= kMaxLabelSets) return nullptr;
        sample = samples.emplace(labels, Sample{std::string(name), labels, kind}).first;
    }
    --dropped_;
    return &sample->second;
}

void MetricsRegistry::counterAdd(std::string_view name, const MetricLabels& labels, double value) {
    MutexLock lock(mutex_);
    if (value < 0) {
        ++dropped_;
        return;
    }
    if (Sample* sample = find(Kind::Counter, name, labels, value)) sample->value += value;
}

void MetricsRegistry::gaugeSet(std::string_view name, const MetricLabels& labels, double value) {
    MutexLock lock(mutex_);
    if (Sample* sample = find(Kind::Gauge, name, labels, value)) sample->value = value;
}

void MetricsRegistry::observe(std::string_view name, const MetricLabels& labels, double value) {
    MutexLock lock(mutex_);
    Sample* sample = find(Kind::Histogram, name, labels, value);
    if (sample == nullptr) return;
    sample->value += value;
    ++sample->count;
    for (std::size_t i = 0; i < kBuckets.size(); ++i) {
        if (value <= kBuckets[i]) ++sample->buckets[i];
    }
}

std::vector<MetricsRegistry::Sample> MetricsRegistry::snapshot() const {
    MutexLock lock(mutex_);
    std::vector<Sample> all;
    for (const auto& [name, family] : families_) {
        for (const auto& [labels, sample] : family.samples)
            all.push_back(sample);
    }
    return all;
}

std::uint64_t MetricsRegistry::dropped() const {
    MutexLock lock(mutex_);
    return dropped_;
}

}  // namespace host::plugins
