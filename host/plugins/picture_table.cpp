#include "plugins/picture_table.hpp"

#include <array>

namespace host::plugins {

// Ends a picture's turn on whatever way out: one that stayed busy would block its plugin for ever.
struct PictureTable::Turn {
    PictureTable& table;
    Picture& picture;
    State state = State::Failed;
    ~Turn() { table.release(picture, state); }
};

PictureTable::Outcome PictureTable::begin(CallObserver& observer, const PictureInfo& info,
                                          std::uint64_t& handle) {
    auto picture = std::make_shared<Picture>();
    {
        MutexLock lock(mutex_);
        if (closed_) return {CallStatus::Cancelled, nullptr};
        if (pictures_.size() >= kMaxPictures) return {CallStatus::TooLarge, "too_many_pictures"};
        handle = ++lastHandle_;
        picture->busy = true;
        pictures_.emplace(handle, picture);
    }
    Turn turn{*this, *picture};
    CallStatus why = CallStatus::Internal;
    picture->writer = observer.beginPicture(info, why);
    if (picture->writer == nullptr) return {why, nullptr};
    turn.state = State::Open;
    return {CallStatus::Ok, nullptr};
}

std::shared_ptr<PictureTable::Picture> PictureTable::acquire(std::uint64_t handle,
                                                             const char* afterCommit,
                                                             Outcome& outcome) {
    MutexLock lock(mutex_);
    const auto found = pictures_.find(handle);
    if (found == pictures_.end()) {
        outcome = {CallStatus::InvalidArgument, "unknown_picture"};
        return nullptr;
    }
    auto picture = found->second;
    while (picture->busy && !closed_)
        idle_.wait(mutex_);
    outcome = {CallStatus::InvalidArgument, nullptr};
    if (closed_) {
        outcome.status = CallStatus::Cancelled;
    } else if (picture->state == State::Committed) {
        outcome.broke = afterCommit;
    } else if (picture->state == State::Open) {
        outcome.status = CallStatus::Ok;
        picture->busy = true;
        return picture;
    }
    return nullptr;
}

void PictureTable::release(Picture& picture, State state) {
    std::unique_ptr<PictureWriter> done;  // its destructor may touch the disk: not under the lock
    {
        MutexLock lock(mutex_);
        picture.busy = false;
        picture.state = closed_ && state == State::Open ? State::Aborted : state;
        if (state == State::Committed) ++committed_;
        if (picture.state != State::Open) done = std::move(picture.writer);
    }
    idle_.notifyAll();
}

PictureTable::Outcome PictureTable::write(std::uint64_t handle, std::span<const std::byte> bytes) {
    Outcome outcome;
    const auto picture = acquire(handle, "write_after_commit", outcome);
    if (!picture) return outcome;
    Turn turn{*this, *picture};
    outcome.status = picture->writer->write(bytes);
    if (outcome.status == CallStatus::Ok) turn.state = State::Open;
    return outcome;
}

PictureTable::Outcome PictureTable::commit(std::uint64_t handle) {
    Outcome outcome;
    const auto picture = acquire(handle, "commit_twice", outcome);
    if (!picture) return outcome;
    Turn turn{*this, *picture};
    outcome.status = picture->writer->commit();
    if (outcome.status == CallStatus::Ok) turn.state = State::Committed;
    return outcome;
}

PictureTable::Outcome PictureTable::abort(std::uint64_t handle) {
    Outcome outcome;
    const auto picture = acquire(handle, "abort_after_commit", outcome);
    if (!picture) return outcome;
    const Turn turn{*this, *picture, State::Aborted};
    return outcome;
}

bool PictureTable::close(std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    bool dropped = false;
    // Closing must not need memory. Their files are let go of without the lock.
    std::array<std::unique_ptr<PictureWriter>, kMaxPictures> writers;
    std::size_t count = 0;
    {
        MutexLock lock(mutex_);
        closed_ = true;
        idle_.notifyAll();
        for (auto& [handle, picture] : pictures_) {
            while (picture->busy && idle_.waitUntil(mutex_, until)) {
            }
            dropped = dropped || picture->state == State::Open;
            if (picture->busy) continue;  // release() will drop it
            if (picture->state == State::Open) picture->state = State::Aborted;
            if (picture->writer && count < writers.size())
                writers[count++] = std::move(picture->writer);
        }
    }
    return dropped;
}

std::uint32_t PictureTable::committed() const {
    MutexLock lock(mutex_);
    return committed_;
}

}  // namespace host::plugins
