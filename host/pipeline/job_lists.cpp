#include "pipeline/job_lists.hpp"

#include <algorithm>
#include <utility>

namespace host::pipeline {

namespace {

auto placeOf(const std::deque<OpenJob*>& jobs, std::int64_t seq) {
    return std::lower_bound(
        jobs.begin(), jobs.end(), seq,
        [](const OpenJob* job, std::int64_t wanted) { return job->row.seq < wanted; });
}

}  // namespace

void JobLists::update(OpenJob& job) {
    remove(job);
    if (job.cancelled) return;
    Listing& at = job.listing;
    if (job.row.status == store::JobStatus::Queued) {
        at = {Listing::Waiting, job.row.priority, 0};
        Level& level = levels_[at.priority];
        std::deque<OpenJob*>& jobs = level.clients[job.row.client];
        jobs.insert(placeOf(jobs, job.row.seq), &job);
        ++level.count;
        ++waitingCount_;
    } else if (job.row.status == store::JobStatus::Running) {
        at = {Listing::Running, 0, job.row.startedAt.value_or(0)};
        running_[{at.startedAt, job.row.seq}] = &job;
    }
}

void JobLists::remove(OpenJob& job) {
    const Listing at = std::exchange(job.listing, {});
    if (at.kind == Listing::Running) running_.erase({at.startedAt, job.row.seq});
    if (at.kind != Listing::Waiting) return;
    const auto level = levels_.find(at.priority);
    const auto client = level->second.clients.find(job.row.client);
    client->second.erase(placeOf(client->second, job.row.seq));
    --waitingCount_;
    if (client->second.empty()) level->second.clients.erase(client);
    if (--level->second.count == 0) levels_.erase(level);
}

int JobLists::position(const OpenJob& job) const {
    std::size_t ahead = 0;
    auto level = levels_.begin();
    for (; level != levels_.end() && level->first > job.row.priority; ++level)
        ahead += level->second.count;
    if (level == levels_.end() || level->first != job.row.priority) {
        return static_cast<int>(ahead) + 1;
    }
    const auto& clients = level->second.clients;
    std::size_t turn = 0;  // jobs of the same client before this one
    if (const auto own = clients.find(job.row.client); own != clients.end()) {
        turn = static_cast<std::size_t>(placeOf(own->second, job.row.seq) - own->second.begin());
    }
    ahead += turn;
    for (const auto& [client, jobs] : clients) {
        if (client == job.row.client) continue;
        ahead += std::min(turn, jobs.size());
        if (jobs.size() > turn && jobs[turn]->row.seq < job.row.seq) ++ahead;
    }
    return static_cast<int>(ahead) + 1;
}

std::vector<const OpenJob*> JobLists::waiting(std::size_t limit) const {
    std::vector<const OpenJob*> order;
    for (const auto& [priority, level] : levels_) {
        const std::size_t before = order.size();
        for (std::size_t turn = 0; order.size() < before + level.count; ++turn) {
            if (order.size() >= limit) break;
            const auto begin = std::ssize(order);
            for (const auto& [client, jobs] : level.clients) {
                if (jobs.size() > turn) order.push_back(jobs[turn]);
            }
            std::sort(order.begin() + begin, order.end(),
                      [](const OpenJob* a, const OpenJob* b) { return a->row.seq < b->row.seq; });
        }
    }
    if (order.size() > limit) order.resize(limit);
    return order;
}

std::vector<const OpenJob*> JobLists::running() const {
    std::vector<const OpenJob*> jobs;
    jobs.reserve(running_.size());
    for (const auto& [key, job] : running_)
        jobs.push_back(job);
    return jobs;
}

const OpenJob* JobLists::longestRunning() const {
    return running_.empty() ? nullptr : running_.begin()->second;
}

std::optional<double> JobLists::waitingSince() const {
    std::optional<double> first;
    for (const auto& [priority, level] : levels_) {
        for (const auto& [client, jobs] : level.clients) {
            const double since = jobs.front()->waitingSince;
            first = std::min(first.value_or(since), since);
        }
    }
    return first;
}

}  // namespace host::pipeline
