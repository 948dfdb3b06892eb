#include "pipeline/job_why.hpp"

#include <algorithm>
#include <cmath>

namespace host::pipeline {

namespace {

constexpr std::size_t kSentences = 2;

const char* wordOf(WaitReason::Code code) {
    switch (code) {
        case WaitReason::Code::Busy:
            return "busy";
        case WaitReason::Code::Turn:
            return "turn";
        case WaitReason::Code::Starting:
            return "starting";
        case WaitReason::Code::CircuitOpen:
            return "circuit_open";
        case WaitReason::Code::Probing:
            return "probing";
        case WaitReason::Code::Retry:
            return "retry";
        case WaitReason::Code::BackendBusy:
            return "backend_busy";
        case WaitReason::Code::Prompt:
            return "prompt";
        case WaitReason::Code::Gpu:
            return "gpu";
        case WaitReason::Code::Database:
            return "database";
        case WaitReason::Code::Stopping:
            return "stopping";
    }
    return "starting";
}

// What a reader wants to know first: trouble, then what takes longest.
int rankOf(WaitReason::Code code) {
    switch (code) {
        case WaitReason::Code::Stopping:
        case WaitReason::Code::Database:
            return 0;
        case WaitReason::Code::CircuitOpen:
        case WaitReason::Code::Probing:
            return 1;
        case WaitReason::Code::Retry:
        case WaitReason::Code::BackendBusy:
            return 2;
        case WaitReason::Code::Gpu:
            return 3;
        case WaitReason::Code::Busy:
        case WaitReason::Code::Turn:
            return 4;
        case WaitReason::Code::Prompt:
            return 5;
        case WaitReason::Code::Starting:
            break;
    }
    return 6;
}

Json orNull(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

Json reasonJson(const WaitReason& reason) {
    Json json = {{"reason", wordOf(reason.code)},
                 {"kind", reason.kind == store::ItemKind::Prompt ? "prompt" : "image"},
                 {"endpoint", orNull(reason.endpoint)},
                 {"items", reason.items},
                 {"message", reason.message}};
    if (!reason.jobs.empty()) json["jobs"] = reason.jobs;
    if (!reason.nextJob.empty()) json["next_job"] = reason.nextJob;
    if (reason.since) json["since"] = *reason.since;
    if (reason.until) json["until"] = *reason.until;
    if (!reason.error.empty()) json["error"] = reason.error;
    return json;
}

double tenths(double seconds) {
    return std::round(seconds * 10) / 10;
}

}  // namespace

std::string summaryOf(const JobWhy& why) {
    if (why.ending) return "It is just ending.";
    std::string text;
    if (why.position > 1) {
        text = why.position == 2 ? "1 job goes first."
                                 : std::to_string(why.position - 1) + " jobs go first.";
    }
    std::vector<const WaitReason*> reasons;
    reasons.reserve(why.waitsFor.size());
    for (const WaitReason& reason : why.waitsFor)
        reasons.push_back(&reason);
    std::stable_sort(reasons.begin(), reasons.end(), [](const auto* a, const auto* b) {
        return rankOf(a->code) < rankOf(b->code);
    });
    std::vector<std::string> said;
    for (const WaitReason* reason : reasons) {
        if (said.size() >= kSentences) break;
        // When there is real trouble or work under way, what is about to begin is no news.
        if (reason->code == WaitReason::Code::Starting && !said.empty()) break;
        if (std::find(said.begin(), said.end(), reason->message) != said.end()) continue;
        said.push_back(reason->message);
        if (!text.empty()) text += ' ';
        text += reason->message;
    }
    if (!text.empty()) return text;
    return why.running > 0 ? "All that is left is being worked on." : "It is about to begin.";
}

Json whyJson(const JobWhy& why, double now) {
    Json reasons = Json::array();
    for (const WaitReason& reason : why.waitsFor)
        reasons.push_back(reasonJson(reason));
    Json json = {{"summary", summaryOf(why)},
                 {"position", why.position > 0 ? Json(why.position) : Json()},
                 {"running_items", why.running},
                 {"pictures_left", why.left},
                 {"waits_for", std::move(reasons)},
                 {"eta", nullptr},
                 {"eta_reason", orNull(why.etaReason)}};
    if (why.truncated) json["waits_for_truncated"] = true;
    if (!why.endsAt) return json;
    Json basis = Json::array();
    for (const EtaBasis& one : why.basis) {
        basis.push_back({{"endpoint", orNull(one.endpoint)},
                         {"seconds_per_item", std::round(one.secondsPerItem * 1000) / 1000},
                         {"samples", one.samples}});
    }
    json["eta"] = {{"seconds", tenths(std::max(0.0, *why.endsAt - now))},
                   {"at", *why.endsAt},
                   {"basis", std::move(basis)}};
    return json;
}

Json overJson(store::JobStatus status) {
    return {{"summary", "The job is " + std::string(store::toString(status)) + "."},
            {"position", nullptr},
            {"running_items", 0},
            {"pictures_left", 0},
            {"waits_for", Json::array()},
            {"eta", nullptr},
            {"eta_reason", "The job is over."}};
}

}  // namespace host::pipeline
