#include "a1111/follower.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/preview.hpp"

namespace a1111 {

namespace {

constexpr std::chrono::milliseconds kPeriod{500};
// Each preview costs the server the encoding of a picture.
constexpr int kPreviewEvery = 4;

}  // namespace

Follower::Follower(Server& server, ipl::Call& call, Drawing drawing, bool previews)
    : server_(server), call_(call), drawing_(std::move(drawing)), previews_(previews) {
    if (drawing_.follow != Follow::Nothing) thread_ = std::thread([this] { run(); });
}

Follower::~Follower() {
    stop();
}

void Follower::stop() {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool Follower::wait() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPeriod, [this] { return over_; });
    return !over_;
}

void Follower::run() {
    for (int round = 1; wait(); ++round) {
        try {
            look(previews_ && round % kPreviewEvery == 0);
        } catch (const ipl::Error& error) {
            // Cancelled: the other thread sees it too. Else the server is too busy to answer: later
            // again.
            if (error.status() == ipl::Status::kCancelled) return;
        } catch (...) {
            return;
        }
    }
}

void Follower::look(bool withPreview) {
    const auto now =
        server_.progress(call_, drawing_.follow, drawing_.taskId, withPreview, lastPreview_, false);
    if (!now) return;
    if (drawing_.follow == Follow::Task) {
        unknown_ = now->state == Progress::State::Unknown ? unknown_ + 1 : 0;
        if (unknown_ >= kLooksForTask && server_.untoldTask(call_, drawing_, false)) {
            server_.forgetTasks();
            drawing_.follow = Follow::Global;
            return;
        }
    }
    if (now->state == Progress::State::Queued) {
        call_.progress(-1, 0, 0, "waiting at the server");
        return;
    }
    if (now->state != Progress::State::Active) return;
    furthest_ = std::max(furthest_, now->fraction);
    if (now->fraction >= 0) call_.progress(furthest_, now->step, now->steps, "sampling");
    if (withPreview && !now->preview.empty() &&
        (drawing_.follow == Follow::Global || now->previewId != lastPreview_)) {
        lastPreview_ = now->previewId;
        pictures::showPreview(call_, now->preview);
    }
}

}  // namespace a1111
