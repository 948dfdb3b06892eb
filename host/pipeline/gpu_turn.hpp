// Who has the GPU that the language model shares with endpoints: all ready prompts are written
// first, then the model is unloaded, then the endpoints draw, until nothing is left to draw or the
// other side has waited long enough. Lanes that do not share the GPU are never asked to wait. Only
// memory, nothing durable: after a start the model counts as loaded. Pure bookkeeping without a
// clock; the engine's mutex guards it.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

namespace host::pipeline {

class GpuTurn {
  public:
    using Time = std::chrono::steady_clock::time_point;
    // How long one side may go on while the other has something ready.
    static constexpr std::chrono::minutes kLongestTurn{5};

    // By lane: whether it draws on the GPU of the model. None: everything may always run.
    GpuTurn(std::vector<bool> sharing, int promptLane);

    bool shared() const { return shared_; }
    bool shares(int lane) const { return sharing_[static_cast<std::size_t>(lane)]; }

    // The highest priority of what each side has ready; nothing = nothing is ready.
    struct Ready {
        std::optional<int> writing;
        std::optional<int> drawing;
    };
    // Decides whose turn it is. True when somebody may run now who could not before.
    bool update(const Ready& ready, Time now);
    // When update() decides anew by itself; far away when it does not.
    Time turnEnds() const;

    // Whether the lane may take an item, as of the last update.
    bool mayTake(int lane) const;
    // The model is to be unloaded before the drawing; by one lane only, see releaseBegan.
    bool wantsRelease() const;

    // The model was used by somebody who does not wait for a turn.
    void loaded();
    void began(int lane);
    void ended(int lane);
    void releaseBegan() { releasing_ = true; }
    // Also when it could not be unloaded: the drawing goes on all the same.
    void releaseEnded();

  private:
    enum class Side { Writing, Drawing };

    std::vector<bool> sharing_;
    int promptLane_;
    bool shared_ = false;
    Side side_ = Side::Writing;
    std::optional<Time> otherWaitsSince_;
    bool loaded_ = true;
    bool loadedAgain_ = false;  // while it was being unloaded
    bool releasing_ = false;
    bool drawingReady_ = false;
    int writing_ = 0;
    int drawing_ = 0;
};

}  // namespace host::pipeline
