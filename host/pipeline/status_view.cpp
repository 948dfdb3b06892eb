#include "pipeline/status_view.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "pipeline/admission.hpp"
#include "pipeline/job_events.hpp"
#include "support/clock.hpp"
#include "support/text.hpp"

namespace host::pipeline {

namespace {

using store::ItemKind;
using store::ItemRow;
using store::ItemState;

constexpr std::size_t kBytesInLists = std::size_t{1} << 20;
constexpr std::size_t kBytesOfImage = 500;  // about, in a job's results
constexpr std::size_t kAllImages = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kPendingShown = 100;
constexpr int kCompletedShown = 20;

Json orNull(const std::optional<double>& value) {
    return value ? Json(*value) : Json();
}
Json orNull(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}
Json since(double start, double end) {
    return std::max(0.0, end - start);
}

std::vector<std::string> idsOf(const std::vector<store::JobRow>& rows) {
    std::vector<std::string> ids;
    ids.reserve(rows.size());
    for (const store::JobRow& row : rows)
        ids.push_back(row.id);
    return ids;
}

bool isFinal(const ItemRow& row) {
    return row.state == ItemState::Done || row.state == ItemState::Failed ||
           row.state == ItemState::Cancelled;
}

// One job's rows, sorted out.
class JobPicture {
  public:
    JobPicture(const store::JobDetail& detail, std::vector<LiveItem> live, std::string model)
        : job_(detail.job),
          spec_(JobSpec::fromJson(detail.job.request)),
          live_(std::move(live)),
          model_(std::move(model)),
          now_(epochNow()) {
        for (const ItemRow& row : detail.items) {
            if (row.key.kind == ItemKind::Prompt) {
                prompts_.push_back(&row);
            } else {
                images_[row.key.run].push_back(&row);
            }
        }
    }

    bool open() const { return store::isOpen(job_.status); }
    std::size_t slots() const {
        return spec_.target == Target::Any ? 1 : std::max<std::size_t>(1, spec_.endpoints.size());
    }

    bool runFinished(int run) const {
        const auto found = images_.find(run);
        if (found == images_.end()) return false;
        const auto finals = std::count_if(found->second.begin(), found->second.end(),
                                          [](const ItemRow* row) { return isFinal(*row); });
        return open() ? static_cast<std::size_t>(finals) >= slots() : finals > 0;
    }

    // Cancelled before it began, and left out when its job was opened again for what had failed.
    bool leftOut(int run) const {
        const auto found = images_.find(run);
        return found != images_.end() &&
               std::all_of(found->second.begin(), found->second.end(), [](const ItemRow* row) {
                   return row->state == ItemState::Cancelled && !row->startedAt;
               });
    }

    int currentRun() const {
        for (int run = 0; run < job_.count; ++run) {
            if (!runFinished(run)) return run;
        }
        return job_.count - 1;
    }

    std::string promptOf(int run, const std::string& endpoint) const {
        if (!spec_.random) return spec_.promptFor(endpoint);
        for (const ItemRow* row : prompts_) {
            if (row->key.run == run && (row->key.slot.empty() || row->key.slot == endpoint)) {
                return row->result.value("prompt", "");
            }
        }
        return "";
    }

    std::vector<std::string> endpointsOf(int run) const {
        if (spec_.target != Target::Any) return spec_.endpoints;
        std::vector<std::string> names;
        if (const auto found = images_.find(run); found != images_.end()) {
            for (const ItemRow* row : found->second) {
                if (!row->endpoint.empty()) names.push_back(row->endpoint);
            }
        }
        return names;
    }

    Json endpointPrompts(int run) const {
        Json json = Json::object();
        for (const std::string& name : endpointsOf(run))
            json[name] = promptOf(run, name);
        return json;
    }

    std::string runPrompt(int run) const {
        return promptOf(run, spec_.endpoints.empty() ? "" : spec_.endpoints.front());
    }

    // Where the run's prompt came from; null when no model was asked.
    Json runLlmStatus(int run) const {
        for (const ItemRow* row : prompts_) {
            if (row->key.run != run || !isFinal(*row)) continue;
            const auto field = [&](const char* name) {
                return row->result.contains(name) ? row->result[name] : Json();
            };
            return {
                {"state", field("state")}, {"source", field("source")}, {"error", field("error")}};
        }
        return nullptr;
    }

    // One entry for each finished run, or for each unfinished one that has something to show
    // already.
    Json results(bool finished, std::size_t& budget, bool& truncated) const {
        Json results = Json::array();
        for (int run = 0; run < job_.count; ++run) {
            if (runFinished(run) != finished || leftOut(run)) continue;
            Json images = Json::array();
            if (const auto found = images_.find(run); found != images_.end()) {
                for (const ItemRow* row : found->second) {
                    if (!row->result.contains("images")) continue;
                    for (const Json& image : row->result["images"])
                        images.push_back(image);
                }
            }
            const bool written = spec_.random && !runPrompt(run).empty();
            if (!finished && images.empty() && !written) continue;
            if (images.size() > budget) {
                truncated = true;
                break;
            }
            budget -= images.size();
            const auto guidance = spec_.guidanceOf(job_.id, run);
            results.push_back({{"run", run + 1},
                               {"prompt", runPrompt(run)},
                               {"endpoint_prompts", endpointPrompts(run)},
                               {"guidance_scale", orNull(guidance)},
                               {"llm_status", runLlmStatus(run)},
                               {"images", std::move(images)}});
        }
        return results;
    }

    Json endpointStatus() const;
    Json llmStatus() const;
    Json render(std::size_t images) const;

  private:
    const store::JobRow& job_;
    const JobSpec spec_;
    const std::vector<LiveItem> live_;
    const std::string model_;
    const double now_;
    std::vector<const ItemRow*> prompts_;
    std::map<int, std::vector<const ItemRow*>> images_;
};

Json JobPicture::endpointStatus() const {
    struct Seen {
        std::optional<double> start;
        double end = 0;
        int finals = 0;
        const ItemRow* last = nullptr;
    };
    std::map<std::string, Seen> seen;
    for (const auto& [run, rows] : images_) {
        for (const ItemRow* row : rows) {
            Seen& at = seen[row->endpoint];
            if (row->startedAt)
                at.start = std::min(at.start.value_or(*row->startedAt), *row->startedAt);
            if (!isFinal(*row)) continue;
            ++at.finals;
            if (at.last == nullptr || row->finishedAt >= at.last->finishedAt) at.last = row;
            at.end = std::max(at.end, row->finishedAt.value_or(0));
        }
    }
    Json status = Json::object();
    for (const std::string& name : spec_.endpoints) {
        const auto found = seen.find(name);
        const LiveItem* running = nullptr;
        for (const LiveItem& item : live_) {
            if (item.kind == ItemKind::Image && item.endpoint == name) running = &item;
        }
        if (found == seen.end() && running == nullptr) {
            // One of many that could have taken a run, and took none.
            if (!open() && spec_.target == Target::Any) continue;
            status[name] = {{"state", open() ? "pending" : "done"},
                            {"start_time", nullptr},
                            {"elapsed", nullptr},
                            {"progress", nullptr}};
            if (!open() && job_.status != store::JobStatus::Completed) {
                status[name]["state"] = "pending";
            }
            continue;
        }
        const Seen at = found == seen.end() ? Seen{} : found->second;
        const double start = at.start.value_or(running == nullptr ? now_ : running->startedAt);
        const bool allDone = spec_.target != Target::Any && at.finals >= job_.count;
        std::string state = "generating";
        if (running == nullptr && (!open() || allDone)) {
            const bool failed = at.last != nullptr && at.last->state == ItemState::Failed;
            state = failed ? "error" : "done";
        } else if (running == nullptr && job_.status == store::JobStatus::Queued) {
            state = "pending";  // opened again
        }
        Json progress;
        if (running != nullptr && running->progress) progress = *running->progress;
        const bool over = state != "generating";
        status[name] = {{"state", state},
                        {"start_time", start},
                        {"elapsed", since(start, over ? at.end : now_)},
                        {"progress", std::move(progress)}};
        if (running != nullptr) {
            status[name]["run"] = running->run + 1;
            status[name]["phase"] = orNull(running->phase);
            if (running->hasPreview) {
                status[name]["preview_url"] = previewUrl(job_.id, name);
            }
        }
    }
    return status;
}

Json JobPicture::llmStatus() const {
    Json status = {{"state", "idle"},  {"start_time", nullptr}, {"elapsed", nullptr},
                   {"model", nullptr}, {"source", nullptr},     {"mode", "text"},
                   {"error", nullptr}};
    if (!spec_.random) return status;
    status["model"] = orNull(model_);
    if (spec_.hasImage()) status["mode"] = "vision";
    std::optional<double> start;
    double end = 0;
    const ItemRow* last = nullptr;
    std::size_t finals = 0;
    for (const ItemRow* row : prompts_) {
        if (row->startedAt) start = std::min(start.value_or(*row->startedAt), *row->startedAt);
        if (!isFinal(*row)) continue;
        ++finals;
        if (last == nullptr || row->finishedAt >= last->finishedAt) last = row;
        end = std::max(end, row->finishedAt.value_or(0));
    }
    const bool running = std::any_of(live_.begin(), live_.end(), [](const LiveItem& item) {
        return item.kind == ItemKind::Prompt;
    });
    const bool perEndpoint =
        spec_.promptMode == PromptMode::Different && spec_.target != Target::Any;
    const std::size_t wanted =
        static_cast<std::size_t>(job_.count) * (perEndpoint ? spec_.endpoints.size() : 1);
    const bool over = !running && (finals >= wanted || !open());
    if (last != nullptr) {
        status["source"] = last->result.contains("source") ? last->result["source"] : Json();
        status["error"] = last->result.contains("error") ? last->result["error"] : Json();
    }
    if (running || (start && !over)) {
        status["state"] = "generating";
    } else if (last != nullptr) {
        status["state"] = last->result.value("state", "done");
    }
    if (start) {
        status["start_time"] = *start;
        status["elapsed"] = since(*start, over ? end : now_);
    }
    return status;
}

Json JobPicture::render(std::size_t images) const {
    const int run = currentRun();
    Json json = Json::object();
    json["job_id"] = job_.id;
    json["status"] = store::toString(job_.status);
    json["created_at"] = job_.createdAt;
    json["started_at"] = orNull(job_.startedAt);
    json["completed_at"] = orNull(job_.completedAt);
    json["total_elapsed"] =
        job_.startedAt ? since(*job_.startedAt, job_.completedAt.value_or(now_)) : Json();
    json["count"] = job_.count;
    json["current_run"] = run + 1;
    json["current_prompt"] = runPrompt(run);
    json["endpoint_prompts"] = endpointPrompts(run);
    json["error"] = orNull(job_.error);
    json["endpoint_status"] = endpointStatus();
    json["llm_status"] = llmStatus();
    if (!spec_.leftOut.empty()) json["left_out"] = leftOutJson(spec_);
    bool truncated = false;
    json["results"] = results(true, images, truncated);
    if (open()) json["partial_results"] = results(false, images, truncated);
    if (truncated) json["results_truncated"] = true;
    json["priority"] = job_.priority;
    json["correlation_id"] = job_.correlationId;
    json["request"] = job_.request;
    return json;
}

}  // namespace

StatusView::StatusView(const Engine& engine, store::JobStore& store)
    : engine_(engine), store_(store), kept_(std::make_shared<StatusCache>()) {
    store_.setChangeListener(
        [kept = kept_](const std::vector<std::string>& jobIds) { kept->changed(jobIds); });
}

std::vector<LiveItem> StatusView::liveOf(const store::JobDetail& detail) const {
    if (!store::isOpen(detail.job.status)) return {};
    return engine_.live(detail.job.id);
}

Json StatusView::render(const store::JobDetail& detail, std::vector<LiveItem> live,
                        std::size_t images) const {
    const PromptSetup& prompt = engine_.options().prompt;
    const bool looks = prompt.vision != nullptr && JobSpec::fromJson(detail.job.request).hasImage();
    return JobPicture(detail, std::move(live), looks ? prompt.visionModel : prompt.model)
        .render(images);
}

StatusCache::Text StatusView::renderText(const store::JobDetail& detail, std::size_t images,
                                         std::uint64_t before) const {
    std::vector<LiveItem> live = liveOf(detail);
    // Nothing of it tells of the time that passes.
    const bool untouched = detail.job.status == store::JobStatus::Queued && !detail.job.startedAt &&
                           detail.items.empty() && live.empty();
    const Json json = render(detail, std::move(live), images);
    auto text = std::make_shared<const std::string>(
        json.dump(-1, ' ', false, Json::error_handler_t::replace));
    if (json.contains("results_truncated")) return text;
    if (!store::isOpen(detail.job.status)) {
        kept_->put(detail.job.id, text, before);
    } else if (untouched) {
        kept_->put(detail.job.id, text, before, StatusCache::Use::Lists);
    }
    return text;
}

Result<Json> StatusView::job(const std::string& id) const {
    auto detail = store_.job(id);
    if (!detail) return detail.error();
    if (!*detail) return Error{ErrorCode::JobNotFound, "There is no job \"" + id + "\"."};
    return renderWhole(**detail);
}

Json StatusView::renderWhole(const store::JobDetail& detail) const {
    Json json = render(detail, liveOf(detail), kAllImages);
    if (!store::isOpen(detail.job.status)) return json;
    if (const auto why = engine_.why(detail.job.id)) json["why"] = whyJson(*why, epochNow());
    return json;
}

Result<Json> StatusView::why(const std::string& id) const {
    Json json;
    const auto why = engine_.why(id);
    if (why && !why->ending) {
        json = whyJson(*why, epochNow());
        json["status"] = store::toString(why->status);
    } else {
        // Over, or so near to it that its row may say so already.
        const auto detail = store_.job(id);
        if (!detail) return detail.error();
        if (!*detail) return Error{ErrorCode::JobNotFound, "There is no job \"" + id + "\"."};
        const store::JobStatus status = (*detail)->job.status;
        const bool ending = why && store::isOpen(status);
        json = ending ? whyJson(*why, epochNow()) : overJson(status);
        json["status"] = store::toString(status);
    }
    json["job_id"] = id;
    return json;
}

Result<StatusCache::Text> StatusView::jobText(const std::string& id) const {
    if (StatusCache::Text kept = kept_->find(id)) return kept;
    const std::uint64_t before = kept_->beforeReading();
    const auto detail = store_.job(id);
    if (!detail) return detail.error();
    if (!*detail) return Error{ErrorCode::JobNotFound, "There is no job \"" + id + "\"."};
    if (!store::isOpen((*detail)->job.status)) return renderText(**detail, kAllImages, before);
    return std::make_shared<const std::string>(
        renderWhole(**detail).dump(-1, ' ', false, Json::error_handler_t::replace));
}

Result<std::string> StatusView::list(const std::vector<std::string>& ids,
                                     std::size_t& bytes) const {
    const std::uint64_t before = kept_->beforeReading();
    std::vector<StatusCache::Text> texts;
    std::vector<std::string> missing;
    std::size_t keptBytes = 0;
    for (const std::string& id : ids) {
        StatusCache::Text kept = kept_->find(id, StatusCache::Use::Lists);
        if (kept && keptBytes + kept->size() > bytes) kept = nullptr;
        if (kept) {
            keptBytes += kept->size();
        } else {
            missing.push_back(id);
        }
        texts.push_back(std::move(kept));
    }
    bytes -= keptBytes;
    const auto details = store_.jobs(missing);
    if (!details) return details.error();

    std::string array = "[";
    auto next = details->begin();
    for (std::size_t i = 0; i < ids.size(); ++i) {
        StatusCache::Text text = std::move(texts[i]);
        if (!text) {
            if (next == details->end() || next->job.id != ids[i]) continue;  // gone meanwhile
            text = renderText(*next++, bytes / kBytesOfImage, before);
            bytes -= std::min(bytes, text->size());
        }
        if (array.size() > 1) array += ',';
        array += *text;
    }
    return array + "]";
}

Result<StatusView::Page> StatusView::jobs(std::optional<store::JobStatus> status, int limit,
                                          const std::string& cursor) const {
    auto page = store_.jobs(status, limit, cursor);
    if (!page) return page.error();
    std::size_t bytes = kBytesInLists;
    auto jobs = list(idsOf(page->jobs), bytes);
    if (!jobs) return jobs.error();
    return Page{std::move(*jobs), std::move(page->nextCursor)};
}

Result<std::string> StatusView::queue() const {
    const QueueView view = engine_.queue(kPendingShown);
    const auto finished = store_.recentlyFinished(kCompletedShown);
    if (!finished) return finished.error();
    std::size_t bytes = kBytesInLists;
    std::string json = "{";
    const std::pair<const char*, std::vector<std::string>> lists[] = {
        {"pending", view.pending}, {"running", view.running}, {"completed", idsOf(*finished)}};
    for (const auto& [name, ids] : lists) {
        const auto array = list(ids, bytes);
        if (!array) return array.error();
        json += '"';
        json += name;
        json += "\":" + *array + ",";
    }
    const Json rest = {{"current_job_id", orNull(view.running.empty() ? "" : view.running.front())},
                       {"queue_size", view.queueSize}};
    return json + rest.dump().substr(1);
}

}  // namespace host::pipeline
