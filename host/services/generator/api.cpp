#include "services/generator/api.hpp"

#include <algorithm>

#include "services/generator/job_inputs.hpp"
#include "services/generator/raw_fields.hpp"
#include "services/generator/request_limits.hpp"
#include "services/generator/submission.hpp"
#include "services/guard.hpp"
#include "services/health.hpp"
#include "services/query_fields.hpp"
#include "support/text.hpp"

namespace host::services {

using http::Request;
using http::Response;

namespace {

constexpr int kJobsDefault = 100;
constexpr int kJobsMost = 1000;

Response fault(const std::string& field, const std::string& message) {
    return Response::error(validationError({{field, message}}));
}

Result<int> priorityOf(const Request& request) {
    auto fields = readFields(request, {"priority"});
    if (!fields) return fields.error();
    const auto field = fields->values.find("priority");
    if (field == fields->values.end()) return validationError({{"priority", "is required"}});
    const Json& value = field->second;
    std::optional<int> priority;
    if (value.is_number_integer())
        priority = static_cast<int>(
            std::clamp(value.get<std::int64_t>(), std::int64_t{-100}, std::int64_t{100}));
    if (fields->isForm && value.is_string()) priority = wholeNumber<int>(value.get<std::string>());
    if (!priority || !kPriorities.holds(*priority)) {
        return validationError(
            {{"priority", "must be an integer from " + std::to_string(kPriorities.min) + " to " +
                              std::to_string(kPriorities.max)}});
    }
    return *priority;
}

}  // namespace

GeneratorApi::GeneratorApi(const Context& context)
    : context_(context),
      rules_(rulesOf(context.settings)),
      galleryRequests_(context.settings.outputDirectory, context.store, context.pictures),
      sources_(context.events),
      gallery_(context) {}

void GeneratorApi::addGenerator(http::Router& router) {
    addRoutes(router, true);
    router.add("GET", "/health", [this](Request& r) { return health(r); }, {http::Lane::Loop});
}

void GeneratorApi::addShared(http::Router& router, bool legacyToo) {
    addRoutes(router, legacyToo);
}

void GeneratorApi::addRoutes(http::Router& router, bool legacyToo) {
    const auto& keys = context_.settings.apiKeys;
    const auto add = [&](const char* method, const char* pattern,
                         Response (GeneratorApi::*handler)(Request&),
                         http::Lane lane = http::Lane::Worker, http::QuickHandler quick = {}) {
        http::Handler bound =
            guarded(keys, [this, handler](Request& r) { return (this->*handler)(r); });
        http::RouteOptions options{lane, quick ? guardedQuick(keys, std::move(quick)) : nullptr};
        if (legacyToo) {
            router.addVersioned(method, pattern, std::move(bound), std::move(options));
        } else {
            router.add(method, pattern, std::move(bound), std::move(options));
        }
    };
    add("POST", "/api/v1/generate", &GeneratorApi::generate);
    add("GET", "/api/v1/status/{job_id}", &GeneratorApi::status, http::Lane::Worker,
        [this](Request& request) -> std::optional<Response> {
            const auto kept = context_.status.keptText(request.pathParam("job_id"));
            if (!kept) return std::nullopt;
            return Response::jsonText(*kept);
        });
    add("GET", "/api/v1/jobs", &GeneratorApi::jobs);
    add("GET", "/api/v1/jobs/{job_id}/why", &GeneratorApi::why);
    add("GET", "/api/v1/jobs/{job_id}/events", &GeneratorApi::jobEvents);
    add("GET", "/api/v1/jobs/{job_id}/previews/{endpoint}", &GeneratorApi::preview);
    add("GET", "/api/v1/jobs/{job_id}/inputs", &GeneratorApi::inputs);
    add("GET", "/api/v1/jobs/{job_id}/inputs/{number}", &GeneratorApi::input);
    add("GET", "/api/v1/queue", &GeneratorApi::queue);
    add("DELETE", "/api/v1/queue/{job_id}", &GeneratorApi::cancel);
    add("POST", "/api/v1/queue/clear", &GeneratorApi::clear);
    add("POST", "/api/v1/jobs/{job_id}/retry", &GeneratorApi::retry, http::Lane::Slow);
    add("PUT", "/api/v1/jobs/{job_id}/priority", &GeneratorApi::priority);
    add("GET", "/api/v1/limits", &GeneratorApi::limits);
    add("GET", "/api/v1/endpoints", &GeneratorApi::endpoints, http::Lane::Slow);
    add("POST", "/api/v1/endpoints/{name}/test", &GeneratorApi::testEndpoint, http::Lane::Slow);
    add("GET", "/api/v1/events", &GeneratorApi::events);
    gallery_.addRoutes(router, legacyToo);
}

Response GeneratorApi::generate(Request& request) {
    auto parsed = readGenerateRequest(request, rules_, &galleryRequests_);
    if (!parsed) return Response::error(parsed.error());
    auto submission = submissionOf(request, std::move(*parsed));
    if (!submission) return Response::error(submission.error());
    auto receipt = context_.engine.submit(std::move(*submission));
    if (!receipt) return Response::error(receipt.error());
    Json answer = {{"success", true},
                   {"job_id", receipt->jobId},
                   {"status", receipt->status},
                   {"queue_position", receipt->queuePosition},
                   {"correlation_id", request.correlationId}};
    if (!receipt->leftOut.empty()) answer["left_out"] = std::move(receipt->leftOut);
    return Response::json(answer);
}

Response GeneratorApi::status(Request& request) {
    const auto text = context_.status.jobText(request.pathParam("job_id"));
    if (!text) return Response::error(text.error());
    return Response::jsonText(**text);
}

Response GeneratorApi::why(Request& request) {
    const auto why = context_.status.why(request.pathParam("job_id"));
    return why ? Response::json(*why) : Response::error(why.error());
}

Response GeneratorApi::jobs(Request& request) {
    const auto limit = limitOf(request, kJobsDefault, kJobsMost);
    if (!limit) return Response::error(limit.error());
    std::optional<store::JobStatus> status;
    if (const std::string* word = request.query.find("status"); word != nullptr && !word->empty()) {
        status = store::jobStatusFrom(*word);
        if (!status) {
            return fault("status", "must be one of queued, running, completed, failed, cancelled");
        }
    }
    auto page = context_.status.jobs(status, *limit, request.query.get("cursor"));
    if (!page) return Response::error(page.error());
    Response response = Response::jsonText(std::move(page->jobs));
    if (!page->nextCursor.empty()) response.headers.set("X-Next-Cursor", page->nextCursor);
    return response;
}

Response GeneratorApi::queue(Request&) {
    auto view = context_.status.queue();
    return view ? Response::jsonText(std::move(*view)) : Response::error(view.error());
}

Result<store::JobRow> GeneratorApi::known(const std::string& jobId) const {
    auto job = context_.store.job(jobId);
    if (!job) return job.error();
    if (!*job) return Error{ErrorCode::JobNotFound, "There is no job \"" + jobId + "\"."};
    return std::move((*job)->job);
}

Response GeneratorApi::cancel(Request& request) {
    const std::string id = request.pathParam("job_id");
    if (const auto job = known(id); !job) return Response::error(job.error());
    const Status cancelled = context_.engine.cancel(id);
    if (!cancelled) return Response::error(cancelled.error());
    return Response::json({{"success", true}, {"job_id", id}});
}

Response GeneratorApi::clear(Request&) {
    const auto cleared = context_.engine.clearQueue();
    if (!cleared) return Response::error(cleared.error());
    return Response::json({{"success", true}, {"cleared", *cleared}});
}

Response GeneratorApi::retry(Request& request) {
    const auto receipt = context_.engine.retry(request.pathParam("job_id"), request.correlationId);
    if (!receipt) return Response::error(receipt.error());
    return Response::json({{"success", true},
                           {"job_id", receipt->jobId},
                           {"status", receipt->status},
                           {"retried", receipt->retried},
                           {"queue_position", receipt->queuePosition}});
}

Response GeneratorApi::priority(Request& request) {
    const std::string id = request.pathParam("job_id");
    if (const auto job = known(id); !job) return Response::error(job.error());
    const auto wanted = priorityOf(request);
    if (!wanted) return Response::error(wanted.error());
    const auto receipt = context_.engine.setPriority(id, *wanted);
    if (!receipt) return Response::error(receipt.error());
    return Response::json({{"success", true},
                           {"job_id", id},
                           {"priority", *wanted},
                           {"queue_position", receipt->queuePosition}});
}

Response GeneratorApi::limits(Request&) {
    Json limits = limitsJson(context_.settings);
    limits["endpoint_capabilities"] = Json::array();
    for (const pipeline::EndpointSetup& each : context_.engine.options().endpoints) {
        limits["endpoint_capabilities"].push_back(
            {{"name", each.name}, {"capabilities", toJson(*each.backend->capabilities())}});
    }
    return Response::json(limits);
}

Response GeneratorApi::preview(Request& request) {
    const auto preview =
        context_.engine.preview(request.pathParam("job_id"), request.pathParam("endpoint"));
    if (!preview) {
        return Response::error({ErrorCode::NotFound, "There is no preview at the moment."});
    }
    Response response = Response::text(*preview->bytes, preview->mime);
    response.headers.set("Cache-Control", "no-store");
    return response;
}

Response GeneratorApi::inputs(Request& request) {
    const auto job = known(request.pathParam("job_id"));
    return job ? Response::json(jobInputsJson(*job)) : Response::error(job.error());
}

Response GeneratorApi::input(Request& request) {
    const auto job = known(request.pathParam("job_id"));
    if (!job) return Response::error(job.error());
    auto picture = jobInput(*job, request.pathParam("number"), context_.pictures);
    return picture ? std::move(*picture) : Response::error(picture.error());
}

Response GeneratorApi::endpoints(Request&) {
    return Response::json(context_.monitor.probeAll());
}

Response GeneratorApi::testEndpoint(Request& request) {
    const auto entry = context_.monitor.test(request.pathParam("name"));
    return entry ? Response::json(*entry) : Response::error(entry.error());
}

// From now on, or after the event that the client saw last.
Result<std::uint64_t> GeneratorApi::cursorOf(const Request& request) const {
    const std::string* last = request.headers.find("Last-Event-ID");
    if (last == nullptr || last->empty()) last = request.query.find("last_event_id");
    if (last == nullptr || last->empty()) return context_.events.cursorNow();
    const auto id = wholeNumber<std::uint64_t>(*last);
    if (!id) return validationError({{"Last-Event-ID", "must be the id of an event"}});
    return context_.events.cursorAfter(*id);
}

Response GeneratorApi::events(Request& request) {
    const auto cursor = cursorOf(request);
    if (!cursor) return Response::error(cursor.error());
    return Response::events(sources_.all(), *cursor);
}

Response GeneratorApi::jobEvents(Request& request) {
    // The cursor comes before the look at the job: what ends it in between is still in the stream.
    const auto cursor = cursorOf(request);
    if (!cursor) return Response::error(cursor.error());
    const std::string id = request.pathParam("job_id");
    const auto job = known(id);
    if (!job) return Response::error(job.error());
    const bool over = !store::isOpen(job->status);
    return Response::events(sources_.ofJob(id, over ? &*job : nullptr), *cursor);
}

Response GeneratorApi::health(Request&) {
    // Put together by hand: this is asked more often than anything else.
    std::string body = healthText(context_, "dual_gen");
    body += R"(,"queue_size":)";
    body += std::to_string(context_.engine.queueSize());
    const std::string current = context_.engine.currentJob();
    body += R"(,"current_job":)";
    body += current.empty() ? "null" : '"' + current + '"';
    const std::string_view trouble = context_.store.trouble();
    body += R"(,"database":")";
    body += trouble.empty() ? "ok" : trouble;
    body += "\"}";
    return Response::jsonText(std::move(body));
}

}  // namespace host::services
