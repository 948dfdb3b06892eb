#include "pipeline/open_job.hpp"

#include <algorithm>

namespace host::pipeline {

namespace {

const std::string kShared;

}  // namespace

bool Slot::mayDo(int candidate, int run) const {
    if (!serves(candidate)) return false;
    const auto failed = excluded.find(run);
    return failed == excluded.end() || !failed->second.contains(candidate);
}

Slot* OpenJob::slot(store::ItemKind kind, const std::string& name) {
    for (Slot& candidate : kind == store::ItemKind::Prompt ? promptSlots : slots) {
        if (candidate.name == name) return &candidate;
    }
    return nullptr;
}

const std::string& OpenJob::promptSlotFor(const std::string& endpoint) const {
    for (const Slot& candidate : promptSlots) {
        if (candidate.name == endpoint) return candidate.name;
    }
    return kShared;
}

void OpenJob::pictureEnded(const store::ItemKey& key) {
    const ItemId id = idOf(key);
    touched.erase(id);
    busy.erase(id);
    if (Slot* at = slot(key.kind, key.slot)) {
        at->excluded.erase(key.run);
        ++at->finals;
    }
    ++finalItems;
    if (++finalsOfRun[key.run] < static_cast<int>(slots.size())) return;
    finalsOfRun.erase(key.run);
    for (const Slot& prompt : promptSlots)
        prompts.erase({key.run, prompt.name});
    ++finishedRuns;
}

OpenJob::Left OpenJob::left(store::ItemKind kind, const Slot& slot) const {
    const auto isHere = [&](const ItemId& id) {
        return std::get<0>(id) == kind && std::get<2>(id) == slot.name;
    };
    Left left{.ready = slot.ready.size()};
    for (const auto& [id, until] : retryAt) {
        if (!isHere(id)) continue;
        if (left.delayed++ > 0 && until >= left.firstRetry) continue;
        left.firstRetry = until;
        left.firstDelayed = id;
    }
    if (kind == store::ItemKind::Prompt || promptSlots.empty()) return left;
    const auto atWork = std::count_if(running.begin(), running.end(),
                                      [&](const auto& item) { return isHere(item.first); });
    left.unwritten =
        std::max(0, row.count - slot.finals - left.ready - left.delayed - static_cast<int>(atWork));
    return left;
}

void OpenJob::takePrompt(const store::ItemRow& item) {
    if (item.key.kind != store::ItemKind::Prompt || item.state != store::ItemState::Done) return;
    prompts[{item.key.run, item.key.slot}] = item.result.value("prompt", "");
}

std::unique_ptr<OpenJob> makeOpenJob(store::JobRow row, std::shared_ptr<const JobSpec> spec,
                                     const std::map<std::string, int>& laneOf, int promptLane) {
    auto job = std::make_unique<OpenJob>();
    job->row = std::move(row);
    job->waitingSince = job->row.createdAt;
    job->spec = std::move(spec);
    const JobSpec& s = *job->spec;
    // With a model writing, a run is ready for drawing once its prompt is there.
    const int readyToDraw = s.random ? 0 : s.count;
    if (s.target == Target::Any) {
        Slot& any = job->slots.emplace_back();
        any.name = "*";
        any.ready = ReadyRuns(readyToDraw);
        for (const LeftOut& each : s.leftOut) {
            const auto lane = laneOf.find(each.endpoint);
            if (lane != laneOf.end()) any.barred.insert(lane->second);
        }
        // The configuration has changed: those that are left fail it, and tell why.
        if (any.barred.size() == laneOf.size()) any.barred.clear();
    } else {
        for (const std::string& endpoint : s.endpoints) {
            const auto lane = laneOf.find(endpoint);
            // An endpoint that left the configuration has no lane; admission of its items fails
            // them.
            const int index = lane == laneOf.end() ? kGoneLane : lane->second;
            job->slots.push_back(
                {.name = endpoint, .lane = index, .ready = ReadyRuns(readyToDraw)});
        }
    }
    if (s.random) {
        const bool perEndpoint = s.promptMode == PromptMode::Different && s.target != Target::Any;
        const std::vector<std::string> shared{""};
        for (const std::string& name : perEndpoint ? s.endpoints : shared) {
            job->promptSlots.push_back(
                {.name = name, .lane = promptLane, .ready = ReadyRuns(s.count)});
        }
    }
    return job;
}

}  // namespace host::pipeline
