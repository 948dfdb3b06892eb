#include "plugins/plugin_call.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <new>
#include <utility>

#include "plugins/abi_text.hpp"
#include "support/image_info.hpp"
#include "support/text.hpp"

namespace host::plugins {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kThinning{100};
constexpr milliseconds kClosePatience{1000};
constexpr std::size_t kMaxWord = 64;
constexpr std::size_t kMaxRemoteName = 1024;
constexpr std::size_t kMaxDetails = 16 * 1024;
constexpr std::int64_t kMaxSeed = (std::int64_t{1} << 53) - 1;

ipl_status abiStatus(CallStatus status) {
    const auto value = static_cast<std::int32_t>(status);
    return value <= IPL_E_INTERNAL ? value : IPL_E_INTERNAL;
}

// The whole code points of `pending` + `piece`; the rest stays in `pending`.
std::string wholeCodePoints(std::string& pending, std::string_view piece) {
    std::string all = std::move(pending);
    all.append(piece);
    const std::size_t tail = incompleteTail(all);
    pending = all.substr(all.size() - tail);
    all.resize(all.size() - tail);
    return replaceInvalidUtf8(all);
}

}  // namespace

PluginCall::PluginCall(std::shared_ptr<HostContext> host, CallContext context, Expect expect,
                       bool wantsPreview)
    : host_(std::move(host)),
      correlationId_(std::move(context.correlationId)),
      jobId_(std::move(context.jobId)),
      deadline_(context.deadline),
      expect_(expect),
      wantsPreview_(wantsPreview),
      start_(Clock::now()),
      cancellation_(std::move(context.cancellation)),
      observer_(context.observer ? std::move(context.observer) : std::make_shared<CallObserver>()) {
    abi_.struct_size = sizeof(ipl_call);
    abi_.cancel_fd = cancellation_->fd();
    abi_.ctx = this;
    abi_.correlation_id = spanOf(correlationId_);
    abi_.job_id = spanOf(jobId_);
    abi_.deadline_ms = remainingMs();
    setCallFunctions(abi_);
}

CancelReason PluginCall::reason() const {
    MutexLock lock(mutex_);
    return cancellation_ ? cancellation_->reason() : lastReason_;
}

std::int32_t PluginCall::cancelled() const {
    const CancelReason why = reason();
    if (why == CancelReason::None && !isOpen()) return IPL_CANCEL_DEADLINE;
    return static_cast<std::int32_t>(why);
}

std::int64_t PluginCall::remainingMs() const {
    const auto left = std::chrono::floor<milliseconds>(deadline_ - Clock::now()).count();
    return std::max<std::int64_t>(0, left);
}

void PluginCall::misbehaviour(const char* kind) noexcept {
    ++misbehaviours_;
    host_->misbehaviour(kind, correlationId_);
}

std::shared_ptr<CallObserver> PluginCall::enter(ipl_status& status) {
    status = IPL_E_CANCELLED;
    std::shared_ptr<CallObserver> observer;
    {
        MutexLock lock(mutex_);
        observer = observer_;
    }
    if (!observer) {
        misbehaviour("call_used_after_return");
        return nullptr;
    }
    if (reason() != CancelReason::None) return nullptr;
    status = IPL_OK;
    return observer;
}

ipl_status PluginCall::progress(double fraction, std::uint32_t step, std::uint32_t steps,
                                const char* phase) {
    ipl_status status = IPL_OK;
    const auto observer = enter(status);
    if (!observer) return status;
    Progress now;
    if (!std::isfinite(fraction) || fraction > 1) {
        misbehaviour("progress_out_of_range");
        fraction = fraction > 1 && std::isfinite(fraction) ? 1 : -1;
    }
    now.fraction = fraction < 0 ? -1 : fraction;
    now.step = step;
    now.steps = steps;
    if (phase != nullptr) now.phase = cleanText({phase, ::strnlen(phase, kMaxWord)}, kMaxWord);
    {
        MutexLock lock(mutex_);
        const auto time = Clock::now();
        const bool due = time - lastProgress_ >= kThinning;
        if (!due) {
            heldBack_ = std::move(now);
            return IPL_OK;
        }
        lastProgress_ = time;
        heldBack_.reset();
    }
    observer->progress(now.fraction, now.step, now.steps, now.phase);
    return IPL_OK;
}

ipl_status PluginCall::preview(std::string_view bytes) {
    ipl_status status = IPL_OK;
    const auto observer = enter(status);
    if (!observer) return status;
    if (!wantsPreview_) return IPL_E_UNSUPPORTED;
    if (bytes.size() > kMaxPreview) {
        misbehaviour("preview_too_large");
        return IPL_E_TOO_LARGE;
    }
    const auto format = sniffImage(bytes);
    if (!format) {
        misbehaviour("preview_is_no_picture");
        return IPL_E_BAD_OUTPUT;
    }
    {
        MutexLock lock(mutex_);
        const auto time = Clock::now();
        if (time - lastPreview_ < kThinning) return IPL_OK;
        lastPreview_ = time;
    }
    observer->preview(imageMime(*format), std::as_bytes(std::span(bytes)));
    return IPL_OK;
}

ipl_status PluginCall::note(const PictureTable::Outcome& outcome, const char* what) {
    if (outcome.broke != nullptr) misbehaviour(outcome.broke);
    const ipl_status status = abiStatus(outcome.status);
    if (status == IPL_OK || status == IPL_E_CANCELLED || outcome.broke != nullptr) return status;
    MutexLock lock(mutex_);
    hostStatus_ = status;
    hostNote_ = outcome.status == CallStatus::TooLarge ? "The picture is larger than allowed."
                : outcome.status == CallStatus::BadOutput
                    ? "What came is not a picture."
                    : std::string("The host could not ") + what + " the picture.";
    return status;
}

ipl_status PluginCall::imageBegin(const ipl_image_out* out, std::uint64_t* handle) {
    ipl_status status = IPL_OK;
    const auto observer = enter(status);
    if (!observer) return status;
    if (out == nullptr || handle == nullptr || out->struct_size < sizeof(ipl_image_out)) {
        misbehaviour("malformed_image_out");
        return IPL_E_INVALID_ARGUMENT;
    }
    PictureInfo info;
    bool valid = true;
    info.mimeHint = cleanText(viewOf(out->mime), kMaxWord, &valid);
    info.remoteName = cleanText(viewOf(out->remote_name), kMaxRemoteName, &valid);
    if ((out->flags & IPL_OUT_HAS_SEED) != 0 && out->seed >= 0 && out->seed <= kMaxSeed) {
        info.seed = out->seed;
    }
    info.width = out->width;
    info.height = out->height;
    info.sizeHint = out->size_hint;
    const std::string_view stats = viewOf(out->stats);
    if (!stats.empty()) {
        valid = valid && (stats.size() > kMaxStats || isValidUtf8(stats));
        if (auto parsed = parseObject(stats, kMaxStats)) {
            info.stats = std::move(*parsed);
        } else {
            misbehaviour("stats_are_no_object");
        }
    }
    if (!valid) misbehaviour("invalid_utf8");
    return note(pictures_.begin(*observer, info, *handle), "take");
}

ipl_status PluginCall::imageWrite(std::uint64_t handle, ipl_span bytes) {
    ipl_status status = IPL_OK;
    if (!enter(status)) return status;
    if (bytes.data == nullptr && bytes.size > 0) {
        misbehaviour("null_span");
        return IPL_E_INVALID_ARGUMENT;
    }
    return note(pictures_.write(handle, std::as_bytes(std::span(viewOf(bytes)))), "store");
}

// Also when cancelled: a picture that is whole is worth keeping.
ipl_status PluginCall::imageCommit(std::uint64_t handle) {
    if (!isOpen()) {
        misbehaviour("call_used_after_return");
        return IPL_E_CANCELLED;
    }
    return note(pictures_.commit(handle), "store");
}

ipl_status PluginCall::imageAbort(std::uint64_t handle) {
    if (!isOpen()) {
        misbehaviour("call_used_after_return");
        return IPL_E_CANCELLED;
    }
    return note(pictures_.abort(handle), "drop");
}

ipl_status PluginCall::text(std::string_view piece, std::uint32_t flags) {
    ipl_status status = IPL_OK;
    const auto observer = enter(status);
    if (!observer) return status;
    const bool delta = (flags & IPL_TEXT_DELTA) != 0;
    const bool reasoning = (flags & IPL_TEXT_REASONING) != 0;
    std::string shown;
    {
        MutexLock lock(mutex_);
        std::string& all = reasoning ? reasoning_ : text_;
        const bool first = all.empty();
        if (!delta) all.clear();
        if (reasoning) {  // for logs: what is over the bound is of no use
            all.append(piece.substr(0, kMaxReasoning - std::min(kMaxReasoning, all.size())));
        } else if (piece.size() > kMaxText - all.size()) {
            textTooLarge_ = true;
            return IPL_E_TOO_LARGE;
        } else {
            all.append(piece);
        }
        // A text that replaces another cannot be shown as a piece.
        if (delta || first) {
            shown = wholeCodePoints(reasoning ? pendingReasoning_ : pendingText_, piece);
        }
    }
    if (!shown.empty()) observer->text(shown, reasoning);
    return IPL_OK;
}

void PluginCall::setError(ipl_status status, const char* field, std::string_view message,
                          std::string_view details) {
    if (!isOpen()) return misbehaviour("call_used_after_return");
    bool valid = true;
    const std::string full = cleanText(message, kMaxMessage, &valid);
    const std::string clean =
        cleanText(withoutPaths(full, host_->services().privateFolders), kMaxMessage);
    const std::string name =
        field == nullptr ? std::string() : cleanText({field, ::strnlen(field, 256)}, 256, &valid);
    auto parsed = details.empty() ? Json::object() : parseObject(details, kMaxDetails);
    if (!parsed) misbehaviour("error_details_are_no_object");
    if (!valid) misbehaviour("invalid_utf8");
    if (clean != full) host_->log(IPL_LOG_INFO, "error in full: " + full, correlationId_);
    (void)status;  // what the function returns counts
    MutexLock lock(mutex_);
    field_ = name;
    message_ = clean;
    details_ = parsed ? std::move(*parsed) : Json::object();
}

void PluginCall::log(std::int32_t level, std::string_view message) {
    if (!isOpen()) misbehaviour("call_used_after_return");
    host_->log(level, message, correlationId_);
}

void PluginCall::abandon() {
    std::shared_ptr<CallObserver> observer;
    std::optional<Progress> last;
    {
        MutexLock lock(mutex_);
        observer = std::move(observer_);
        last = std::exchange(heldBack_, std::nullopt);
    }
    open_ = false;
    sockets_.close();
    const bool dropped = pictures_.close(kClosePatience);
    if (observer && last) {
        try {
            observer->progress(last->fraction, last->step, last->steps, last->phase);
        } catch (const std::bad_alloc&) {
            // Progress that nobody sees is no reason to fail the call.
        }
    }
    MutexLock lock(mutex_);
    droppedPicture_ = dropped;
}

void PluginCall::close() {
    abandon();
    std::shared_ptr<Cancellation> done;
    MutexLock lock(mutex_);
    if (cancellation_) lastReason_ = cancellation_->reason();
    done = std::move(cancellation_);
}

void PluginCall::bury(std::shared_ptr<PluginCall> call) {
    struct Graveyard {
        Mutex mutex;
        std::array<std::shared_ptr<PluginCall>, kGraveyard> calls IPL_GUARDED_BY(mutex);
        std::size_t next IPL_GUARDED_BY(mutex) = 0;
    };
    static auto* const graveyard = new Graveyard;  // leaked: late users may outlive main
    const MutexLock lock(graveyard->mutex);
    // The oldest leaves with `call`, when the lock is gone.
    std::swap(graveyard->calls[graveyard->next], call);
    graveyard->next = (graveyard->next + 1) % kGraveyard;
}

}  // namespace host::plugins
