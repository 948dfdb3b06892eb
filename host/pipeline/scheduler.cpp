#include "pipeline/scheduler.hpp"

#include <algorithm>
#include <limits>

namespace host::pipeline {

namespace {

// Clients that are away and owe nothing are forgotten beyond this many.
constexpr std::size_t kRememberedClients = 10'000;

}  // namespace

Scheduler::Scheduler(int endpoints) : lanes_(static_cast<std::size_t>(endpoints) + 1) {}

std::optional<Scheduler::Pick> Scheduler::firstOf(OpenJob& job, int lane, int promptLane) {
    if (job.cancelled || job.stopped || job.closing) return std::nullopt;
    const bool writing = lane == promptLane;
    std::vector<Slot>& slots = writing ? job.promptSlots : job.slots;
    std::optional<Pick> best;
    for (Slot& slot : slots) {
        const std::optional<int> run = slot.ready.first([&](int r) { return slot.mayDo(lane, r); });
        if (run && (!best || *run < best->run)) {
            best =
                Pick{&job, &slot, writing ? store::ItemKind::Prompt : store::ItemKind::Image, *run};
        }
    }
    return best;
}

void Scheduler::refresh(OpenJob& job) {
    job.indexed.resize(lanes_.size(), false);
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        const bool ready = firstOf(job, static_cast<int>(i), promptLane()).has_value();
        if (ready == job.indexed[i]) continue;
        job.indexed[i] = ready;
        if (ready) {
            insert(lanes_[i], job);
        } else {
            erase(lanes_[i], job);
        }
    }
}

void Scheduler::remove(OpenJob& job) {
    for (std::size_t i = 0; i < job.indexed.size(); ++i) {
        if (job.indexed[i]) erase(lanes_[i], job);
        job.indexed[i] = false;
    }
}

void Scheduler::insert(Lane& lane, OpenJob& job) {
    lane.byPriority[job.row.priority][job.row.client].emplace(job.row.seq, &job);
    ++lane.jobs;
    if (lane.presence[job.row.client]++ == 0) {
        double& served = lane.served[job.row.client];
        served = std::max(served, lane.now);
    }
}

void Scheduler::erase(Lane& lane, OpenJob& job) {
    const auto level = lane.byPriority.find(job.row.priority);
    if (level == lane.byPriority.end()) return;
    const auto client = level->second.find(job.row.client);
    if (client == level->second.end() || client->second.erase(job.row.seq) == 0) return;
    --lane.jobs;
    if (client->second.empty()) level->second.erase(client);
    if (level->second.empty()) lane.byPriority.erase(level);
    const auto presence = lane.presence.find(job.row.client);
    if (--presence->second > 0) return;
    lane.presence.erase(presence);
    if (lane.served.size() > kRememberedClients) {
        std::erase_if(lane.served, [&lane](const auto& entry) {
            return entry.second <= lane.now && !lane.presence.contains(entry.first);
        });
    }
}

std::optional<Scheduler::Pick> Scheduler::best(int lane) const {
    const Lane& l = lanes_[static_cast<std::size_t>(lane)];
    if (l.byPriority.empty()) return std::nullopt;
    const Clients& clients = l.byPriority.begin()->second;
    OpenJob* chosen = nullptr;
    double least = std::numeric_limits<double>::infinity();
    for (const auto& [client, jobs] : clients) {
        const auto served = l.served.find(client);
        const double mark = served == l.served.end() ? l.now : served->second;
        OpenJob* oldest = jobs.begin()->second;
        const bool older = chosen == nullptr || oldest->row.seq < chosen->row.seq;
        if (mark < least || (mark == least && older)) {
            least = mark;
            chosen = oldest;
        }
    }
    if (chosen == nullptr) return std::nullopt;
    return firstOf(*chosen, lane, promptLane());
}

std::optional<int> Scheduler::topPriority(int lane) const {
    const Lane& l = lanes_[static_cast<std::size_t>(lane)];
    if (l.byPriority.empty()) return std::nullopt;
    return l.byPriority.begin()->first;
}

void Scheduler::take(int lane, const Pick& pick) {
    Lane& l = lanes_[static_cast<std::size_t>(lane)];
    double& served = l.served[pick.job->row.client];
    l.now = std::max(l.now, served);
    served += 1;
    pick.slot->ready.take(pick.run);
    refresh(*pick.job);
}

std::vector<OpenJob*> Scheduler::listed(int lane) const {
    std::vector<OpenJob*> jobs;
    for (const auto& [priority, clients] : lanes_[static_cast<std::size_t>(lane)].byPriority) {
        for (const auto& [client, ofClient] : clients) {
            for (const auto& [seq, job] : ofClient)
                jobs.push_back(job);
        }
    }
    return jobs;
}

}  // namespace host::pipeline
