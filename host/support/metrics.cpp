#include "support/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace host {

namespace {

constexpr std::size_t kMaxText = 120;
constexpr std::size_t kMaxLabels = 8;
constexpr std::array<double, 10> kReportedBounds{0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 120, 600};

bool isName(std::string_view text) {
    return !text.empty() && text.size() <= kMaxText && !(text[0] >= '0' && text[0] <= '9') &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_';
           });
}

// Names that the format gives to the parts of a histogram would make two series of one.
bool isReportable(std::string_view name) {
    return isName(name) && !name.ends_with("_bucket") && !name.ends_with("_count") &&
           !name.ends_with("_sum");
}

bool areLabels(const MetricLabels& labels) {
    if (labels.size() > kMaxLabels) return false;
    for (auto label = labels.begin(); label != labels.end(); ++label) {
        const auto& [key, text] = *label;
        if (!isName(key) || key.starts_with("__") || key == "le" || text.size() > kMaxText) {
            return false;
        }
        const bool again = std::any_of(labels.begin(), label,
                                       [&key = key](const auto& l) { return l.first == key; });
        if (again) return false;
    }
    return true;
}

}  // namespace

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds), counts_(new std::atomic<std::uint64_t>[bounds.size() + 1] {}) {}

void Histogram::observe(double value) {
    const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
    counts_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<std::uint64_t> Histogram::counts() const {
    std::vector<std::uint64_t> counts(bounds_.size() + 1);
    for (std::size_t i = 0; i < counts.size(); ++i)
        counts[i] = counts_[i].load(std::memory_order_relaxed);
    return counts;
}

MetricsRegistry::Series* MetricsRegistry::add(Family& family, MetricLabels labels) {
    if (sets_ >= kMaxSets) return nullptr;
    ++sets_;
    auto made = std::make_unique<Series>();
    if (family.kind == MetricKind::Histogram) {
        made->histogram = std::make_unique<Histogram>(family.bounds);
    }
    return family.series.emplace(std::move(labels), std::move(made)).first->second.get();
}

MetricsRegistry::Series& MetricsRegistry::known(MetricKind kind, const MetricFamily& wanted,
                                                MetricLabels labels) {
    const MutexLock lock(mutex_);
    auto found = families_.find(std::string_view(wanted.name));
    if (found == families_.end()) {
        found = families_.emplace(wanted.name, Family{kind, wanted.help, wanted.bounds, {}}).first;
    }
    Family& family = found->second;
    if (family.kind == kind) {
        const auto series = family.series.find(labels);
        if (series != family.series.end()) return *series->second;
        if (Series* made = add(family, std::move(labels))) return *made;
    }
    dropped_.fetch_add(1, std::memory_order_relaxed);
    // One for each kind, and for each set of bounds, will do: nobody sees them.
    for (const auto& hidden : hidden_) {
        const Histogram* histogram = hidden->histogram.get();
        if (kind != MetricKind::Histogram ||
            (histogram != nullptr && histogram->bounds().data() == wanted.bounds.data())) {
            return *hidden;
        }
    }
    Series& hidden = *hidden_.emplace_back(std::make_unique<Series>());
    if (kind == MetricKind::Histogram) {
        hidden.histogram = std::make_unique<Histogram>(wanted.bounds);
    }
    return hidden;
}

Counter& MetricsRegistry::counter(const MetricFamily& family, MetricLabels labels) {
    return known(MetricKind::Counter, family, std::move(labels)).counter;
}

Gauge& MetricsRegistry::gauge(const MetricFamily& family, MetricLabels labels) {
    return known(MetricKind::Gauge, family, std::move(labels)).gauge;
}

Histogram& MetricsRegistry::histogram(const MetricFamily& family, MetricLabels labels) {
    return *known(MetricKind::Histogram, family, std::move(labels)).histogram;
}

// Null when it is dropped.
MetricsRegistry::Series* MetricsRegistry::findReported(MetricKind kind, std::string_view name,
                                                       const MetricLabels& labels) {
    auto family = families_.find(name);
    if (family == families_.end()) {
        if (reportedNames_ >= kMaxReportedNames || sets_ >= kMaxSets) return nullptr;
        ++reportedNames_;
        Family made{kind, "Reported by a plugin.", {}, {}};
        if (kind == MetricKind::Histogram) made.bounds = kReportedBounds;
        family = families_.emplace(std::string(name), std::move(made)).first;
    }
    if (family->second.kind != kind) return nullptr;
    auto& all = family->second.series;
    const auto series = all.find(labels);
    if (series != all.end()) return series->second.get();
    return all.size() < kMaxReportedSets ? add(family->second, labels) : nullptr;
}

MetricsRegistry::Series* MetricsRegistry::reported(MetricKind kind, std::string_view name,
                                                   const MetricLabels& labels, double value) {
    Series* series = nullptr;
    if (isReportable(name) && areLabels(labels) && std::isfinite(value)) {
        const MutexLock lock(mutex_);
        series = findReported(kind, name, labels);
    }
    if (series == nullptr) dropped_.fetch_add(1, std::memory_order_relaxed);
    return series;
}

void MetricsRegistry::counterAdd(std::string_view name, const MetricLabels& labels, double value) {
    if (value < 0) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    if (Series* series = reported(MetricKind::Counter, name, labels, value)) {
        series->counter.add(value);
    }
}

void MetricsRegistry::gaugeSet(std::string_view name, const MetricLabels& labels, double value) {
    if (Series* series = reported(MetricKind::Gauge, name, labels, value)) series->gauge.set(value);
}

void MetricsRegistry::observe(std::string_view name, const MetricLabels& labels, double value) {
    if (Series* series = reported(MetricKind::Histogram, name, labels, value)) {
        series->histogram->observe(value);
    }
}

void MetricsRegistry::collect(Collector collector) {
    const MutexLock lock(collecting_);
    collectors_.push_back(std::move(collector));
}

std::string MetricsRegistry::text() const {
    MetricsText text;
    {
        const MutexLock lock(collecting_);
        for (const Collector& collector : collectors_)
            collector(text);
    }
    const MutexLock lock(mutex_);
    for (const auto& [name, family] : families_) {
        text.family(family.kind, name, family.help);
        for (const auto& [labels, series] : family.series) {
            if (family.kind == MetricKind::Histogram) {
                text.histogram(labels, *series->histogram);
            } else {
                text.sample(labels, family.kind == MetricKind::Counter ? series->counter.value()
                                                                       : series->gauge.value());
            }
        }
    }
    text.single(MetricKind::Counter, "ipl_metrics_dropped_total",
                "Figures that were malformed or over a bound, most likely a plugin's.",
                static_cast<double>(dropped()));
    return text.take();
}

}  // namespace host
