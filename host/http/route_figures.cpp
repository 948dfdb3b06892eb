#include "http/route_figures.hpp"

#include <algorithm>

#include "support/metrics.hpp"

namespace host::http {

namespace {

constexpr std::array kBounds{0.001, 0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0};
constexpr MetricFamily kRequests{"ipl_http_requests_total",
                                 "Requests answered, by route and class of status."};
constexpr MetricFamily kSeconds{
    "ipl_http_request_seconds",
    "From a request's first byte until its answer was made; sending it is not in it.", kBounds};
constexpr const char* kNone = "(none)";

}  // namespace

RouteFigures::RouteFigures(std::shared_ptr<MetricsRegistry> metrics, std::string service,
                           const Router& router)
    : metrics_(std::move(metrics)),
      service_(std::move(service)),
      routes_(metrics_ ? std::make_unique<Kept[]>(router.size() + 1) : nullptr),
      none_(router.size()) {}

RouteFigures::~RouteFigures() = default;

void RouteFigures::answered(const Router::Route* route, int status,
                            std::chrono::duration<double> took) const {
    if (!metrics_) return;
    Kept& kept = routes_[route == nullptr ? none_ : route->index];
    const auto labels = [&] {
        return MetricLabels{{"service", service_},
                            {"method", route == nullptr ? kNone : route->method},
                            {"route", route == nullptr ? kNone : route->pattern}};
    };
    const auto family = static_cast<std::size_t>(std::clamp(status / 100, 1, 5));
    Counter* counter = kept.byClass[family].load(std::memory_order_acquire);
    if (counter == nullptr) {
        MetricLabels all = labels();
        all.emplace_back("status", std::to_string(family) + "xx");
        counter = &metrics_->counter(kRequests, std::move(all));
        kept.byClass[family].store(counter, std::memory_order_release);
    }
    counter->add();
    Histogram* seconds = kept.seconds.load(std::memory_order_acquire);
    if (seconds == nullptr) {
        seconds = &metrics_->histogram(kSeconds, labels());
        kept.seconds.store(seconds, std::memory_order_release);
    }
    seconds->observe(took.count());
}

}  // namespace host::http
