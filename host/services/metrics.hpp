// GET /metrics of the three services: the process's figures in Prometheus' text format. Answered on
// the event loop, like /health, and asks neither the database nor a plugin nor the disk, so it
// answers whatever else is busy. With API keys configured it needs one.
#pragma once

#include <memory>

#include "http/front.hpp"
#include "http/router.hpp"
#include "services/context.hpp"
#include "support/metrics.hpp"

namespace host::services {

// What is read when somebody looks. `generator` is null in a process without one. The parts have to
// live as long as anybody asks the registry.
void addCollectors(MetricsRegistry& metrics, const http::Front& front, const Context* generator);

void addMetrics(http::Router& router, const Common& common);

}  // namespace host::services
