#include "pipeline/gpu_turn.hpp"

#include <algorithm>

namespace host::pipeline {

GpuTurn::GpuTurn(std::vector<bool> sharing, int promptLane)
    : sharing_(std::move(sharing)),
      promptLane_(promptLane),
      shared_(std::find(sharing_.begin(), sharing_.end(), true) != sharing_.end()) {}

bool GpuTurn::update(const Ready& ready, Time now) {
    if (!shared_) return false;
    drawingReady_ = ready.drawing.has_value();
    const auto& mine = side_ == Side::Writing ? ready.writing : ready.drawing;
    const auto& theirs = side_ == Side::Writing ? ready.drawing : ready.writing;
    if (!theirs) {
        otherWaitsSince_.reset();
        return false;
    }
    if (!otherWaitsSince_) otherWaitsSince_ = now;
    const bool over = now - *otherWaitsSince_ >= kLongestTurn;
    if (mine && !over && *theirs <= *mine) return false;
    side_ = side_ == Side::Writing ? Side::Drawing : Side::Writing;
    otherWaitsSince_.reset();
    if (mine) otherWaitsSince_ = now;
    return true;
}

GpuTurn::Time GpuTurn::turnEnds() const {
    return otherWaitsSince_ ? *otherWaitsSince_ + kLongestTurn : Time::max();
}

bool GpuTurn::mayTake(int lane) const {
    if (!shared_) return true;
    if (lane == promptLane_) return side_ == Side::Writing && drawing_ == 0 && !releasing_;
    if (!shares(lane)) return true;
    return side_ == Side::Drawing && writing_ == 0 && !loaded_ && !releasing_;
}

bool GpuTurn::wantsRelease() const {
    return shared_ && side_ == Side::Drawing && drawingReady_ && loaded_ && writing_ == 0 &&
           !releasing_;
}

void GpuTurn::loaded() {
    (releasing_ ? loadedAgain_ : loaded_) = true;
}

void GpuTurn::began(int lane) {
    if (lane == promptLane_) {
        ++writing_;
        loaded_ = true;
    } else if (shares(lane)) {
        ++drawing_;
    }
}

void GpuTurn::ended(int lane) {
    if (lane == promptLane_) {
        --writing_;
    } else if (shares(lane)) {
        --drawing_;
    }
}

void GpuTurn::releaseEnded() {
    releasing_ = false;
    loaded_ = loadedAgain_;
    loadedAgain_ = false;
}

}  // namespace host::pipeline
