#include "services/metrics.hpp"

#include "pipeline/engine_figures.hpp"
#include "services/guard.hpp"
#include "support/clock.hpp"
#include "support/metrics.hpp"
#include "support/process_figures.hpp"
#include "support/version.hpp"

namespace host::services {

namespace {

constexpr auto kGauge = MetricKind::Gauge;
constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

void writeFront(MetricsText& text, const http::Front& front) {
    const http::FrontFigures figures = front.figures();
    const auto number = [](std::size_t value) { return static_cast<double>(value); };
    const std::size_t held = figures.eventStreams + figures.working;
    text.single(kGauge, "ipl_http_connections", "Open connections of clients, event streams too.",
                number(figures.connections));
    text.single(kGauge, "ipl_http_connections_parked",
                "Connections that hold no thread: idle, or slow to send or to read.",
                number(figures.connections > held ? figures.connections - held : 0));
    text.single(kGauge, "ipl_event_streams", "Open event streams.", number(figures.eventStreams));
    text.single(kGauge, "ipl_http_requests_waiting", "Complete requests that wait for a thread.",
                number(figures.queued));
    text.single(kGauge, "ipl_http_buffered_bytes",
                "Memory held by requests that come in and answers that go out.",
                static_cast<double>(figures.bufferedBytes));
}

void writeJobs(MetricsText& text, const pipeline::EngineFigures& figures) {
    const double now = epochNow();
    const auto age = [now](const std::optional<double>& since) {
        return since ? std::max(0.0, now - *since) : 0.0;
    };
    text.family(kGauge, "ipl_jobs", "Jobs that are not finished.");
    text.sample({{"status", "queued"}}, static_cast<double>(figures.queued));
    text.sample({{"status", "running"}}, static_cast<double>(figures.running));
    text.family(kGauge, "ipl_oldest_job_age_seconds",
                "How long the longest waiting job waits and the longest running one runs; 0 when "
                "there is none.");
    text.sample({{"status", "queued"}}, age(figures.queuedSince));
    text.sample({{"status", "running"}}, age(figures.runningSince));
    text.single(kGauge, "ipl_items_delayed", "Pictures and prompts that wait for another attempt.",
                static_cast<double>(figures.delayedItems));
}

void writeLanes(MetricsText& text, const pipeline::EngineFigures& figures) {
    const auto family = [&](const char* name, const char* help, auto value) {
        text.family(kGauge, name, help);
        for (const pipeline::LaneFigures& lane : figures.lanes) {
            text.sample(
                {{"kind", lane.endpoint.empty() ? "prompt" : "image"}, {"endpoint", lane.endpoint}},
                static_cast<double>(value(lane)));
        }
    };
    using Lane = pipeline::LaneFigures;
    family("ipl_lane_busy", "Calls that run, by endpoint (empty for prompt writing).",
           [](const Lane& lane) { return lane.busy; });
    family("ipl_lane_capacity", "Calls that may run at once.",
           [](const Lane& lane) { return lane.capacity; });
    family("ipl_lane_ready_jobs", "Jobs that have something to do for the lane.",
           [](const Lane& lane) { return lane.readyJobs; });
    family("ipl_lane_circuit_closed", "1 when work flows, 0 while the endpoint is left alone.",
           [](const Lane& lane) { return lane.circuitClosed ? 1 : 0; });
}

void writeClaims(MetricsText& text, const Histogram& seconds) {
    text.family(MetricKind::Histogram, "ipl_claim_seconds",
                "From a lane's choice of its next item until the claim is on disk.");
    text.histogram({}, seconds);
}

void writeStore(MetricsText& text, const store::StoreFigures& figures) {
    text.single(kGauge, "ipl_commit_waiting_changes", "Changes that wait for the disk.",
                static_cast<double>(figures.waiting));
    text.single(kGauge, "ipl_commit_waiting_bytes", "Their size.",
                static_cast<double>(figures.waitingBytes));
}

void writeTrouble(MetricsText& text, const store::JobStore& store) {
    text.single(kGauge, "ipl_database_trouble",
                "1 while the database cannot be written or read, as /health tells; else 0.",
                store.trouble().empty() ? 0 : 1);
}

}  // namespace

void addCollectors(MetricsRegistry& metrics, const http::Front& front, const Context* generator) {
    metrics.collect([](MetricsText& text) {
        text.family(kGauge, "ipl_build_info", "1, with the version that runs.");
        text.sample({{"version", kVersion}}, 1);
        writeProcessFigures(text);
    });
    metrics.collect([&front](MetricsText& text) { writeFront(text, front); });
    if (generator == nullptr) return;
    metrics.collect([&engine = generator->engine, &store = generator->store](MetricsText& text) {
        const pipeline::EngineFigures figures = engine.figures();
        writeJobs(text, figures);
        writeLanes(text, figures);
        writeClaims(text, *figures.claimSeconds);
        writeStore(text, store.figures());
        writeTrouble(text, store);
    });
}

void addMetrics(http::Router& router, const Common& common) {
    if (!common.metrics) return;
    router.add("GET", "/metrics",
               guarded(common.settings.apiKeys,
                       [metrics = common.metrics](http::Request&) {
                           http::Response response =
                               http::Response::text(metrics->text(), kContentType);
                           response.headers.set("Cache-Control", "no-store");
                           return response;
                       }),
               {http::Lane::Loop});
}

}  // namespace host::services
