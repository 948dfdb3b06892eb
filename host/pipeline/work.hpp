// One attempt at a work item on its way through a lane, and how it ended. Plain values.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/dialects/dialect.hpp"
#include "pipeline/open_job.hpp"
#include "plugins/call.hpp"
#include "store/picture_store.hpp"
#include "store/records.hpp"

namespace host::pipeline {

struct Work {
    // Item: claim it and call the plugin. Probe: ask the endpoint whether its circuit may close.
    // GiveUp: record the item as failed without an attempt, for `giveUpReason`. Release: unload the
    // language model.
    enum class Kind { Item, Probe, GiveUp, Release };
    Kind kind = Kind::Item;
    int lane = 0;
    store::ItemRow row;  // as it is to be written while this attempt runs
    std::shared_ptr<const JobSpec> spec;
    std::string correlationId;
    std::string inputFile;
    std::string prompt;       // as submitted or written
    CompiledPrompt compiled;  // what the endpoint gets, once that is known
    std::string giveUpReason;
    bool leftLane = false;   // its endpoint may already draw something else
    bool startsJob = false;  // the job is still queued in the database
    double startedAt = 0;
    std::chrono::steady_clock::time_point chosenAt;  // when its lane began to look for it
    std::chrono::milliseconds limit{0};              // how long the call may take
    bool limitLearned = false;  // ... which is less than the configured timeout
    std::shared_ptr<plugins::Cancellation> cancellation;

    // What results show as prompt_used.
    const std::string& promptUsed() const { return compiled.compiled ? compiled.text : prompt; }
    const std::string& jobId() const { return row.key.jobId; }
    int run() const { return row.key.run; }
};

// A picture that the plugin committed: all its bytes are on disk under a temporary name.
struct ReceivedPicture {
    std::unique_ptr<store::IncomingPicture> file;
    store::PictureFacts facts;
    plugins::PictureInfo info;
};

struct DrawOutcome {
    plugins::CallResult call;
    bool reached = false;  // the backend was called; else `call` is the host's own verdict
    std::vector<ReceivedPicture> pictures;
    double duration = 0;
    std::uint32_t steps = 0;  // that were asked for; 0 = the backend has no such notion
};

struct PromptOutcome {
    std::string prompt;  // empty when nobody wrote one
    bool fallback = false;
    std::string error;  // why the model's prompt was not used
    plugins::CallResult call;
    bool reached = false;  // a model was asked; else `call` is the host's own verdict
    double duration = 0;
};

}  // namespace host::pipeline
