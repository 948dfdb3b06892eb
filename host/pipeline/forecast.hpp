// When the open jobs will be finished if all goes on as it did: one walk through the queue as the
// scheduler would take it (priority, a turn for each client, age; a run that any endpoint may draw
// goes to the first free one). A pure function; its cost is bounded whatever the queue's length:
// beyond kMostItems, items are walked through several at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace host::pipeline {

struct ForecastLane {
    // Seconds until each of its places is free: as many as it does at once.
    std::vector<double> freeIn;
    bool usable = true;            // its circuit is closed
    bool waitsForPrompts = false;  // shares the model's GPU: draws once all prompts are written
};

struct ForecastShare {
    int lane = 0;  // or kAnyLane
    int items = 0;
    int withoutPrompt = 0;      // of them: not yet written
    std::set<int> barred = {};  // with kAnyLane: lanes that cannot do any of it
};

struct ForecastJob {
    std::string id;
    int priority = 0;
    std::string client;
    std::int64_t seq = 0;
    int prompts = 0;  // to be written
    std::vector<ForecastShare> shares;
    std::size_t work = 0;       // index into ForecastInput::seconds
    double runningFor = 0;      // seconds until what runs of it will have ended
    std::optional<int> untold;  // a lane where something of it runs for nobody knows how long
};

struct ForecastInput {
    double now = 0;                   // seconds since the epoch
    std::vector<ForecastLane> lanes;  // those that draw, then the one that writes prompts
    // By kind of work and lane: seconds for one item; nothing = not known. Prompts too.
    std::vector<std::vector<std::optional<double>>> seconds;
    std::vector<ForecastJob> jobs;
    bool truncated = false;  // more jobs are open than stand here
};

struct Forecast {
    struct End {
        std::optional<double> at;  // seconds since the epoch
        int lane = 0;              // nothing: because of this lane ...
        bool unusable = false;     // ... which is unavailable; otherwise its speed is not known
    };
    std::unordered_map<std::string, End> ends;  // by job
    bool truncated = false;
};

inline constexpr int kMostItems = 5000;

Forecast forecast(const ForecastInput& input);

}  // namespace host::pipeline
