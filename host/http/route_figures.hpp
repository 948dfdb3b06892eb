// Counts a server's answers by route. Labels are the routes' patterns, never what a client sent.
// A route costs nothing before its first answer. Thread-safe; no lock but at a route's first answer
// of a kind.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "http/router.hpp"

namespace host {
class Counter;
class Histogram;
class MetricsRegistry;
}  // namespace host

namespace host::http {

class RouteFigures {
  public:
    // `metrics` may be null: then nothing is counted.
    RouteFigures(std::shared_ptr<MetricsRegistry> metrics, std::string service,
                 const Router& router);
    ~RouteFigures();
    RouteFigures(const RouteFigures&) = delete;
    RouteFigures& operator=(const RouteFigures&) = delete;

    // `route` is null when none fits.
    void answered(const Router::Route* route, int status, std::chrono::duration<double> took) const;

  private:
    struct Kept {
        std::array<std::atomic<Counter*>, 6> byClass{};  // 1xx to 5xx
        std::atomic<Histogram*> seconds{nullptr};
    };

    const std::shared_ptr<MetricsRegistry> metrics_;
    const std::string service_;
    const std::unique_ptr<Kept[]> routes_;  // by Route::index, then the one for none
    const std::size_t none_;
};

}  // namespace host::http
