// How long an endpoint takes for a picture, learned from those it has drawn, and the same for a
// model's prompts: what estimates and the limits of attempts are made of. A picture's work is its
// steps times its megapixels. The formulas stand in docs/decisions/deadlines.md. Bounded memory:
// the last kWindow of each lane. Pure bookkeeping; the engine's mutex guards it.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

namespace host::pipeline {

// Steps x megapixels; of a prompt it is 1. See workAt() for what an endpoint makes of a job.
double workOf(int steps, int width, int height);

class RunTimes {
  public:
    static constexpr std::size_t kWindow = 32;
    // So many must have been seen before a limit is learned.
    static constexpr std::size_t kEnough = 5;
    // A limit is so many times the slowest that was seen ...
    static constexpr double kGenerosity = 4;
    // ... and so much: a model that has to be loaded again.
    static constexpr std::chrono::seconds kColdStart{120};

    struct Estimate {
        double seconds = 0;
        int samples = 0;
    };

    explicit RunTimes(std::size_t lanes, std::chrono::milliseconds coldStart = kColdStart);

    // One that ended well. What cannot be true (a clock that was set) is passed over.
    void add(int lane, double work, double seconds);
    // The median of what was seen of like work, or else of all, in proportion to the work. Nothing
    // when nothing was seen.
    std::optional<Estimate> estimate(int lane, double work) const;

    // How long an attempt may take; nothing = not enough is known. Never in proportion for less
    // work than was seen: loading and sending take their time whatever the picture.
    std::optional<std::chrono::milliseconds> limit(int lane, double work) const;
    // An attempt was ended by such a limit: the next ones may take twice as long, until one ends
    // well.
    void overran(int lane);

  private:
    struct Sample {
        double work = 0;
        double seconds = 0;
    };
    struct Lane {
        std::deque<Sample> samples;
        double slack = 1;
    };

    std::vector<Lane> lanes_;
    std::chrono::milliseconds coldStart_;
};

}  // namespace host::pipeline
