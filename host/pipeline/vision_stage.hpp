// Pictures at the vision model: as scene JSON for clients, as text for the prompt stage. Brings the
// picture into a form that the backend reads, tells it what to do, tidies the answer up and gives
// the model one more chance when it is unusable.
//
// Thread-safe; every function blocks until the model is done, at most for the time it may wait for
// its turn plus the timeout. Pictures are decoded only in a turn, so that memory is bounded by the
// concurrency. Never throws.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "pipeline/vision_lane.hpp"
#include "plugins/backend.hpp"
#include "support/error.hpp"

namespace host::pipeline {

struct VisionSetup {
    std::shared_ptr<plugins::VisionBackend> backend;
    std::string model;  // the configured one, or the plugin's id; for health and status
    int concurrency = 1;
    std::chrono::seconds timeout{120};  // of the model's work, and again for the wait before it
};

struct VisionTask {
    std::string picture;  // bytes that begin like a PNG, JPEG, WebP or GIF
    std::string steering;
    std::string model;  // empty = the backend's own
    std::string correlationId;
    std::string jobId;
    std::shared_ptr<plugins::Cancellation> cancellation;  // never null
};

class Vision {
  public:
    static constexpr std::size_t kMaxWaiting = 32;

    explicit Vision(VisionSetup setup)
        : setup_(std::move(setup)), lane_(setup_.concurrency, kMaxWaiting) {}

    // The scene in its normal form. Errors: ImageTooLarge and InvalidImageFormat for the picture;
    // LmStudio for an answer without a scene (details.raw: its beginning) or an error of the
    // model's; ServiceUnavailable, Timeout, RefusingWork, Internal.
    Result<Json> analyze(VisionTask task);

    // What the model says about the picture under these instructions, as it came; InvalidArgument
    // for a picture that cannot be read.
    plugins::CallResult tell(VisionTask task, std::string system, std::string user,
                             std::optional<std::int64_t> seed);

    const VisionSetup& setup() const { return setup_; }
    // How often the model was asked for something, so that it is loaded.
    std::uint64_t looks() const { return looks_; }

  private:
    // The backend's request with the picture, in a form that it reads, and the facts of its file.
    Result<plugins::TextRequest> prepare(VisionTask& task) const;
    plugins::CallContext contextOf(const VisionTask& task) const;

    std::atomic<std::uint64_t> looks_{0};
    const VisionSetup setup_;
    VisionLane lane_;
};

// The contract's error for a failed call of the model server.
Error visionError(const plugins::CallResult& call);

}  // namespace host::pipeline
