#include "pipeline/forecast.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "pipeline/open_job.hpp"

namespace host::pipeline {

namespace {

// One lane's places, by when each is free: a heap, the first free one in front.
class Places {
  public:
    explicit Places(std::vector<double> freeIn) : freeIn_(std::move(freeIn)) {
        if (freeIn_.empty()) freeIn_.push_back(0);
        std::make_heap(freeIn_.begin(), freeIn_.end(), std::greater<>());
    }
    double firstFree() const { return freeIn_.front(); }
    // Not before `ready`; the end of it.
    double work(double ready, double seconds) {
        std::pop_heap(freeIn_.begin(), freeIn_.end(), std::greater<>());
        freeIn_.back() = std::max(freeIn_.back(), ready) + seconds;
        const double end = freeIn_.back();
        std::push_heap(freeIn_.begin(), freeIn_.end(), std::greater<>());
        return end;
    }

  private:
    std::vector<double> freeIn_;
};

// What is left of a job during the walk.
struct Walker {
    const ForecastJob* job = nullptr;
    std::vector<int> left;  // by share
    int promptsLeft = 0;
    double firstPrompt = 0;
    double lastPrompt = 0;
    double end = 0;
    std::optional<Forecast::End> unknown;

    bool drawn() const {
        return std::all_of(left.begin(), left.end(), [](int items) { return items == 0; });
    }
};

class Walk {
  public:
    explicit Walk(const ForecastInput& input)
        : input_(input), promptLane_(static_cast<int>(input.lanes.size()) - 1) {
        for (const ForecastLane& lane : input.lanes)
            places_.emplace_back(lane.freeIn);
        std::int64_t items = 0;
        for (const ForecastJob& job : input.jobs) {
            Walker walker{.job = &job, .promptsLeft = job.prompts, .end = job.runningFor};
            if (job.untold) walker.unknown = Forecast::End{.lane = *job.untold};
            for (const ForecastShare& share : job.shares) {
                walker.left.push_back(share.items);
                items += share.items;
            }
            items += job.prompts;
            walkers_.push_back(std::move(walker));
        }
        atOnce_ =
            static_cast<int>(std::max<std::int64_t>(1, (items + kMostItems - 1) / kMostItems));
    }

    Forecast run() {
        inTurns([](const Walker& w) { return w.promptsLeft == 0; },
                [this](Walker& w) { writePrompts(w); });
        inTurns([](const Walker& w) { return w.drawn(); }, [this](Walker& w) { drawRun(w); });
        Forecast result;
        result.truncated = input_.truncated;
        for (const Walker& walker : walkers_) {
            result.ends[walker.job->id] =
                walker.unknown
                    ? *walker.unknown
                    : Forecast::End{.at = input_.now + std::max(walker.end, walker.lastPrompt)};
        }
        return result;
    }

  private:
    // Calls `step` until every job is `done`: the higher priority first, each client in turn, its
    // oldest job first.
    void inTurns(const std::function<bool(const Walker&)>& done,
                 const std::function<void(Walker&)>& step) {
        std::map<int, std::map<std::string, std::vector<Walker*>>, std::greater<>> levels;
        for (Walker& walker : walkers_) {
            if (!done(walker)) levels[walker.job->priority][walker.job->client].push_back(&walker);
        }
        for (auto& [priority, clients] : levels) {
            for (auto& [client, jobs] : clients) {
                std::sort(jobs.begin(), jobs.end(), [](const Walker* a, const Walker* b) {
                    return a->job->seq > b->job->seq;  // taken from the back
                });
            }
            while (!clients.empty()) {
                for (auto client = clients.begin(); client != clients.end();) {
                    std::vector<Walker*>& jobs = client->second;
                    step(*jobs.back());
                    if (done(*jobs.back())) jobs.pop_back();
                    client = jobs.empty() ? clients.erase(client) : std::next(client);
                }
            }
        }
    }

    std::optional<double> secondsAt(const Walker& walker, int lane) const {
        return input_.seconds[walker.job->work][static_cast<std::size_t>(lane)];
    }

    void writePrompts(Walker& walker) {
        const int count = std::min(atOnce_, walker.promptsLeft);
        const bool first = walker.promptsLeft == walker.job->prompts;
        walker.promptsLeft -= count;
        const auto seconds = secondsAt(walker, promptLane_);
        if (!seconds) {
            walker.unknown = Forecast::End{.lane = promptLane_};
            return;
        }
        Places& places = places_[static_cast<std::size_t>(promptLane_)];
        walker.lastPrompt = std::max(walker.lastPrompt, places.work(0, *seconds * count));
        if (first) walker.firstPrompt = walker.lastPrompt;
        allPrompts_ = std::max(allPrompts_, walker.lastPrompt);
    }

    // When the prompt of the next item of a share is there; prompts come evenly.
    double promptReady(const Walker& walker, std::size_t share) const {
        const ForecastShare& of = walker.job->shares[share];
        const int done = of.items - walker.left[share] - (of.items - of.withoutPrompt);
        if (of.withoutPrompt == 0 || done < 0) return 0;
        const double part = of.withoutPrompt == 1 ? 1 : double(done) / (of.withoutPrompt - 1);
        return walker.firstPrompt + part * (walker.lastPrompt - walker.firstPrompt);
    }

    void drawRun(Walker& walker) {
        for (std::size_t share = 0; share < walker.left.size(); ++share) {
            const int count = std::min(atOnce_, walker.left[share]);
            if (count > 0) draw(walker, share, count);
            walker.left[share] -= count;
        }
    }

    void draw(Walker& walker, std::size_t share, int count) {
        const ForecastShare& of = walker.job->shares[share];
        const int wanted = of.lane;
        const double written = promptReady(walker, share);
        int chosen = -1;
        double begins = 0;
        Forecast::End why{.lane = wanted, .unusable = true};
        for (int lane = 0; lane < promptLane_; ++lane) {
            if (wanted == kAnyLane ? of.barred.contains(lane) : wanted != lane) continue;
            const ForecastLane& at = input_.lanes[static_cast<std::size_t>(lane)];
            if (!at.usable) continue;
            const auto seconds = secondsAt(walker, lane);
            if (!seconds) {
                why = {.lane = wanted};
                continue;
            }
            const double ready = std::max(written, at.waitsForPrompts ? allPrompts_ : 0.0);
            const double begin =
                std::max(ready, places_[static_cast<std::size_t>(lane)].firstFree());
            const bool better = chosen < 0 || begin < begins ||
                                (begin == begins && *seconds < *secondsAt(walker, chosen));
            if (!better) continue;
            chosen = lane;
            begins = begin;
        }
        if (chosen < 0) {
            if (!walker.unknown) walker.unknown = why;
            return;
        }
        walker.end = std::max(walker.end, places_[static_cast<std::size_t>(chosen)].work(
                                              begins, *secondsAt(walker, chosen) * count));
    }

    const ForecastInput& input_;
    const int promptLane_;
    std::vector<Places> places_;
    std::vector<Walker> walkers_;
    int atOnce_ = 1;
    double allPrompts_ = 0;
};

}  // namespace

Forecast forecast(const ForecastInput& input) {
    return Walk(input).run();
}

}  // namespace host::pipeline
