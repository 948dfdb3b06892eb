#include "services/generator/api.hpp"

#include <algorithm>
#include <charconv>

#include "services/generator/raw_fields.hpp"
#include "services/guard.hpp"
#include "services/health.hpp"
#include "support/text.hpp"

namespace host::services {

using http::Request;
using http::Response;

namespace {

constexpr int kJobsDefault = 100;
constexpr int kJobsMost = 1000;
constexpr int kGalleryDefault = 100;
constexpr int kGalleryMost = 10'000;

GenerateRules rulesOf(const config::Settings& settings) {
    GenerateRules rules{settings.count, settings.steps, {}};
    for (const auto& endpoint : settings.endpoints)
        rules.endpoints.push_back(endpoint.name);
    return rules;
}

Response fault(const std::string& field, const std::string& message) {
    return Response::error(validationError({{field, message}}));
}

template <typename Number>
std::optional<Number> wholeNumber(const std::string& text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

Result<int> limitOf(const Request& request, int fallback, int most) {
    const std::string* text = request.query.find("limit");
    if (text == nullptr || text->empty()) return fallback;
    const auto limit = wholeNumber<int>(*text);
    if (!limit || *limit < 1 || *limit > most) {
        return validationError({{"limit", "must be an integer from 1 to " + std::to_string(most)}});
    }
    return *limit;
}

bool isPictureName(const std::string& name) {
    if (name.empty() || name.front() == '.') return false;
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos) return false;
    const std::string ending = toLower(name.substr(dot));
    return ending == ".png" || ending == ".jpg" || ending == ".jpeg" || ending == ".webp" ||
           ending == ".gif";
}

Json galleryEntry(const store::ImageRow& row) {
    const auto orNull = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
    return {{"filename", row.filename},
            {"url", "/images/" + percentEncode(row.filename)},
            {"created", isoTime(row.mtime)},
            {"mtime", row.mtime},
            {"size", row.size},
            {"job_id", orNull(row.jobId)},
            {"endpoint", orNull(row.endpoint)},
            {"prompt", row.jobId.empty() ? orNull(row.prompt) : Json(row.prompt)},
            {"seed", row.seed ? Json(*row.seed) : Json()},
            {"width", row.width ? Json(*row.width) : Json()},
            {"height", row.height ? Json(*row.height) : Json()},
            {"thumbnail_url", nullptr},
            {"starred", row.starred}};
}

}  // namespace

GeneratorApi::GeneratorApi(const Context& context)
    : context_(context),
      rules_(rulesOf(context.settings)),
      sources_(context.events),
      pictures_(context.settings.outputDirectory) {}

void GeneratorApi::addGenerator(http::Router& router) {
    addRoutes(router, true);
    router.add("GET", "/health", [this](Request& r) { return health(r); }, {http::Lane::Loop});
}

void GeneratorApi::addShared(http::Router& router) {
    addRoutes(router, false);
}

void GeneratorApi::addRoutes(http::Router& router, bool legacyToo) {
    const auto& keys = context_.settings.apiKeys;
    const auto add = [&](const char* method, const char* pattern,
                         Response (GeneratorApi::*handler)(Request&),
                         http::Lane lane = http::Lane::Worker) {
        http::Handler bound =
            guarded(keys, [this, handler](Request& r) { return (this->*handler)(r); });
        if (legacyToo) {
            router.addVersioned(method, pattern, std::move(bound), {lane});
        } else {
            router.add(method, pattern, std::move(bound), {lane});
        }
    };
    add("POST", "/api/v1/generate", &GeneratorApi::generate);
    add("GET", "/api/v1/status/{job_id}", &GeneratorApi::status);
    add("GET", "/api/v1/jobs", &GeneratorApi::jobs);
    add("GET", "/api/v1/jobs/{job_id}/events", &GeneratorApi::jobEvents);
    add("GET", "/api/v1/jobs/{job_id}/previews/{endpoint}", &GeneratorApi::preview);
    add("GET", "/api/v1/queue", &GeneratorApi::queue);
    add("DELETE", "/api/v1/queue/{job_id}", &GeneratorApi::cancel);
    add("POST", "/api/v1/queue/clear", &GeneratorApi::clear);
    add("GET", "/api/v1/gallery", &GeneratorApi::gallery);
    add("GET", "/api/v1/endpoints", &GeneratorApi::endpoints, http::Lane::Slow);
    add("GET", "/api/v1/events", &GeneratorApi::events);
    router.add("GET", "/images/{filename}", guarded(keys, [this](Request& r) { return image(r); }));
}

Response GeneratorApi::generate(Request& request) {
    auto parsed = readGenerateRequest(request, rules_);
    if (!parsed) return Response::error(parsed.error());
    pipeline::Submission submission;
    submission.client = request.clientAddress;
    submission.correlationId = request.correlationId;
    if (const std::string* key = request.headers.find("Idempotency-Key")) {
        const bool printable =
            std::all_of(key->begin(), key->end(), [](char c) { return c > 0x20 && c < 0x7f; });
        if (key->empty() || key->size() > 255 || !printable) {
            return fault("Idempotency-Key", "must be 1 to 255 printable ASCII characters");
        }
        submission.idempotencyKey = *key;
        submission.bodyHash = parsed->fingerprint();
    }
    submission.spec = std::move(parsed->spec);
    submission.inputPicture = std::move(parsed->picture);
    submission.inputExtension = std::move(parsed->extension);
    auto receipt = context_.engine.submit(std::move(submission));
    if (!receipt) return Response::error(receipt.error());
    return Response::json({{"success", true},
                           {"job_id", receipt->jobId},
                           {"status", receipt->status},
                           {"queue_position", receipt->queuePosition},
                           {"correlation_id", request.correlationId}});
}

Response GeneratorApi::status(Request& request) {
    auto job = context_.status.job(request.pathParam("job_id"));
    if (!job) return Response::error(job.error());
    return Response::json(*job);
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
    Response response = Response::json(page->jobs);
    if (!page->nextCursor.empty()) response.headers.set("X-Next-Cursor", page->nextCursor);
    return response;
}

Response GeneratorApi::queue(Request&) {
    auto view = context_.status.queue();
    return view ? Response::json(*view) : Response::error(view.error());
}

Response GeneratorApi::cancel(Request& request) {
    const std::string id = request.pathParam("job_id");
    const auto known = context_.store.job(id);
    if (!known) return Response::error(known.error());
    if (!*known) {
        return Response::error({ErrorCode::JobNotFound, "There is no job \"" + id + "\"."});
    }
    const Status cancelled = context_.engine.cancel(id);
    if (!cancelled) return Response::error(cancelled.error());
    return Response::json({{"success", true}, {"job_id", id}});
}

Response GeneratorApi::clear(Request&) {
    const auto cleared = context_.engine.clearQueue();
    if (!cleared) return Response::error(cleared.error());
    return Response::json({{"success", true}, {"cleared", *cleared}});
}

Response GeneratorApi::gallery(Request& request) {
    const auto limit = limitOf(request, kGalleryDefault, kGalleryMost);
    if (!limit) return Response::error(limit.error());
    store::ImageQuery query;
    query.limit = *limit;
    query.text = request.query.get("q");
    query.endpoint = request.query.get("endpoint");
    query.cursor = request.query.get("cursor");
    auto page = context_.store.images(query);
    if (!page) return Response::error(page.error());
    Json array = Json::array();
    for (const store::ImageRow& row : page->images)
        array.push_back(galleryEntry(row));
    Response response = Response::json(array);
    if (!page->nextCursor.empty()) response.headers.set("X-Next-Cursor", page->nextCursor);
    return response;
}

Response GeneratorApi::image(Request& request) {
    const std::string name = request.pathParam("filename");
    if (!isPictureName(name)) {
        return Response::error({ErrorCode::NotFound, "There is no such picture."});
    }
    return pictures_.get(name, request);
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

Response GeneratorApi::endpoints(Request&) {
    return Response::json(context_.monitor.probeAll());
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
    const auto job = context_.store.job(id);
    if (!job) return Response::error(job.error());
    if (!*job) {
        return Response::error({ErrorCode::JobNotFound, "There is no job \"" + id + "\"."});
    }
    const bool over = !store::isOpen((*job)->job.status);
    return Response::events(sources_.ofJob(id, over ? &(*job)->job : nullptr), *cursor);
}

Response GeneratorApi::health(Request&) {
    Json body = healthBase(context_, "dual_gen");
    body["queue_size"] = context_.engine.queueSize();
    const std::string current = context_.engine.currentJob();
    body["current_job"] = current.empty() ? Json() : Json(current);
    return Response::json(body);
}

}  // namespace host::services
