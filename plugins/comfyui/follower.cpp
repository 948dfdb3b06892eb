#include "comfyui/follower.hpp"

#include <algorithm>
#include <utility>

#include "common/preview.hpp"

namespace comfyui {

namespace {

using ipl::Error;
using ipl::Status;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr milliseconds kFirstLook{100};
constexpr milliseconds kLongestLook{1000};
// While the socket tells: it may have died without a word.
constexpr milliseconds kLookBesideSocket{3000};
constexpr int kMaxFailures = 5;  // in a row, of asking how it goes

}  // namespace

std::vector<RemotePicture> Follower::untilEnd() {
    milliseconds pause = kFirstLook;
    for (;;) {
        if (auto pictures = look()) return *std::move(pictures);
        socket_.open();
        if (socket_.isOpen()) {
            listen(Clock::now() + (absent_ > 0 ? 3 * kFirstLook : kLookBesideSocket));
            pause = kFirstLook;
        } else {
            call_.sleepFor(pause);
            pause = std::min(pause * 2, kLongestLook);
        }
    }
}

std::optional<std::vector<RemotePicture>> Follower::look() {
    QueuePosition at{Place::Running};
    // The queue repeats every graph that waits there: not asked for what the socket tells.
    const bool told = std::exchange(heard_, false) && socket_.isOpen();
    try {
        auto pictures = picturesOf(server_.get(call_, "/history/" + run_.promptId), run_.promptId,
                                   run_.flow.outputNodes());
        if (pictures) return pictures;
        if (!told) at = findInQueue(server_.get(call_, "/queue"), run_.promptId);
        failures_ = 0;
    } catch (const Error& error) {
        // The server may be too busy to answer, or be away for a moment.
        const bool passing =
            error.status() == Status::kUnavailable || error.status() == Status::kTimeout;
        if (!passing || call_.remaining() == 0ms || ++failures_ == kMaxFailures) throw;
        return std::nullopt;
    }
    // Between queue and history there is a moment in which it stands in neither.
    absent_ = at.place == Place::Absent ? absent_ + 1 : 0;
    if (absent_ == 3)
        throw Error(Status::kUpstream,
                    "the prompt is neither in ComfyUI's queue nor in its history: it was deleted "
                    "there, or ComfyUI was restarted");
    if (at.place == Place::Pending || !hasSteps_ || !socket_.isOpen())
        call_.progress(furthest_, 0, run_.steps,
                       at.place == Place::Pending ? "queued" : "generating");
    return std::nullopt;
}

void Follower::listen(Clock::time_point until) {
    for (auto now = Clock::now(); now < until && socket_.isOpen(); now = Clock::now()) {
        const auto message = socket_.receive(std::chrono::ceil<milliseconds>(until - now));
        if (message && take(*message)) return;
    }
}

bool Follower::take(const ipl::WebSocketMessage& message) {
    if (message.binary) {
        show(message);
        return false;
    }
    const Event event = eventOf(message.bytes);
    // Prompts that were queued without a client come to every socket.
    if (event.promptId != run_.promptId) {
        if (event.kind != Event::Kind::Other) running_ = false;
        return false;
    }
    if (event.kind == Event::Kind::Ended) {
        running_ = heard_ = false;
        return true;
    }
    if (event.kind == Event::Kind::Other) return false;
    running_ = heard_ = true;
    if (event.kind == Event::Kind::Step && run_.flow.isSampler(event.node)) {
        hasSteps_ = true;
        call_.progress(reached(event), event.step, event.steps, "generating");
    }
    return false;
}

double Follower::reached(const Event& event) {
    samplers_.insert(event.node);
    const auto begun = static_cast<double>(samplers_.size());
    const double all = std::max(begun, static_cast<double>(run_.flow.samplers()));
    const double part = static_cast<double>(event.step) / event.steps;
    return furthest_ = std::max(furthest_, (begun - 1 + part) / all);
}

// A plain preview names no prompt: it is ours when ours is what runs.
void Follower::show(const ipl::WebSocketMessage& message) {
    const auto preview = previewOf(message.bytes);
    if (!run_.wantsPreview || !preview) return;
    const bool ours = preview->promptId.empty() ? running_ : preview->promptId == run_.promptId;
    if (ours) pictures::showPreview(call_, preview->bytes);
}

}  // namespace comfyui
