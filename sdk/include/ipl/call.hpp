/*
 * Call: the context of one blocking plugin function; Picture: a picture on its way to the host.
 * Every function of Call is safe on any thread until the plugin function returns; a Picture belongs
 * to one thread. Whatever the host refuses (the call is cancelled, a bound is passed) is thrown as
 * Error; let it pass, and the wrapper returns the host's status.
 */
#pragma once

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "ipl/error.hpp"
#include "ipl/views.hpp"

#pragma GCC visibility push(hidden)
namespace ipl {
inline namespace v1_0 {

enum class Log : int32_t {
    kDebug = IPL_LOG_DEBUG,
    kInfo = IPL_LOG_INFO,
    kWarning = IPL_LOG_WARNING,
    kError = IPL_LOG_ERROR,
};

/* What is known about a picture before its bytes. */
struct PictureInfo {
    std::string_view mime = {};       /* a hint; the host believes the bytes alone */
    std::string_view remoteName = {}; /* the backend's own file name, if any */
    std::optional<int64_t> seed = {}; /* the seed really used */
    uint32_t width = 0;               /* pixels, 0 = unknown */
    uint32_t height = 0;
    uint64_t sizeHint = 0;       /* bytes, 0 = unknown */
    std::string_view stats = {}; /* JSON object, kept with the result */
};

/* Throws the status of a callback when it is not IPL_OK. The host has noted the reason. */
inline void throwOnError(ipl_status status) {
    if (status != IPL_OK) throw Error(static_cast<Status>(status));
}

/* One picture: write its bytes in pieces of any size, then commit. Dropped when not committed.
 */
class Picture {
  public:
    Picture(const ipl_call* call, const PictureInfo& info) : call_(call) {
        ipl_image_out out{};
        out.struct_size = sizeof(out);
        out.flags = info.seed ? static_cast<uint32_t>(IPL_OUT_HAS_SEED) : 0U;
        out.mime = spanOf(info.mime);
        out.remote_name = spanOf(info.remoteName);
        out.seed = info.seed.value_or(0);
        out.width = info.width;
        out.height = info.height;
        out.size_hint = info.sizeHint;
        out.stats = spanOf(info.stats);
        throwOnError(call_->image_begin(call_, &out, &handle_));
        open_ = true;
    }
    Picture(Picture&& other) noexcept
        : call_(other.call_), handle_(other.handle_), open_(std::exchange(other.open_, false)) {}
    Picture(const Picture&) = delete;
    Picture& operator=(const Picture&) = delete;
    Picture& operator=(Picture&&) = delete;
    ~Picture() { abort(); }

    void write(Bytes bytes) { throwOnError(call_->image_write(call_, handle_, spanOf(bytes))); }
    void write(std::string_view bytes) { write(bytesOf(bytes)); }

    void commit() {
        open_ = false;
        throwOnError(call_->image_commit(call_, handle_));
    }

    void abort() noexcept {
        if (std::exchange(open_, false)) call_->image_abort(call_, handle_);
    }

  private:
    const ipl_call* call_;
    uint64_t handle_ = 0;
    bool open_ = false;
};

class Call {
  public:
    explicit Call(const ipl_call* call) : call_(call) {}

    /* Look at least every 100 ms of work. */
    bool cancelled() const { return call_->cancelled(call_) != IPL_CANCEL_NONE; }
    /* An IPL_CANCEL_ value. */
    int32_t cancelReason() const { return call_->cancelled(call_); }
    void throwIfCancelled() const {
        if (cancelled()) throw Error(Status::kCancelled, "cancelled");
    }
    /* Readable once the call is cancelled; poll it, never read it. -1 = none. */
    int cancelFd() const { return call_->cancel_fd; }
    /* Until the deadline, never negative. */
    std::chrono::milliseconds remaining() const {
        return std::chrono::milliseconds(call_->remaining_ms(call_));
    }
    /* Sleeps; throws Error kCancelled as soon as the call is cancelled. */
    void sleepFor(std::chrono::milliseconds time) const {
        using Clock = std::chrono::steady_clock;
        constexpr std::chrono::milliseconds kNap(50); /* when there is no descriptor to wait on */
        const auto end = Clock::now() + time;
        for (throwIfCancelled(); Clock::now() < end; throwIfCancelled()) {
            auto wait = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
            wait = std::clamp(wait, std::chrono::milliseconds(0),
                              cancelFd() < 0 ? kNap : std::chrono::milliseconds(60'000));
            pollfd fd = {cancelFd(), POLLIN, 0};
            ::poll(&fd, 1, static_cast<int>(wait.count()));
        }
    }

    /* fraction 0..1, or below 0 when unknown; steps 0 = unknown; phase NUL-terminated or
     * nullptr. */
    void progress(double fraction, uint32_t step = 0, uint32_t steps = 0,
                  const char* phase = nullptr) {
        throwOnError(call_->progress(call_, fraction, step, steps, phase));
    }
    /* At most 256 KiB, only if the request wants previews; the host may drop it. */
    void preview(std::string_view mime, Bytes bytes) {
        const ipl_status status = call_->preview(call_, spanOf(mime), spanOf(bytes));
        if (status == IPL_E_CANCELLED) throwOnError(status);
    }

    [[nodiscard]] Picture beginPicture(const PictureInfo& info = {}) { return {call_, info}; }
    /* Hands over a whole picture. */
    void picture(const PictureInfo& info, Bytes bytes) {
        Picture picture = beginPicture(info);
        picture.write(bytes);
        picture.commit();
    }

    /* The whole answer; replaces what came before. */
    void text(std::string_view text) { throwOnError(call_->text(call_, spanOf(text), 0)); }
    /* A piece of the answer, to be appended. */
    void textDelta(std::string_view piece) {
        throwOnError(call_->text(call_, spanOf(piece), IPL_TEXT_DELTA));
    }
    /* A piece of the model's thinking. */
    void reasoningDelta(std::string_view piece) {
        throwOnError(call_->text(call_, spanOf(piece), IPL_TEXT_DELTA | IPL_TEXT_REASONING));
    }

    void log(Log level, std::string_view message) const {
        call_->log(call_, static_cast<int32_t>(level), spanOf(message));
    }

    /* To be sent as X-Correlation-ID where the backend has headers; HttpClient does it already.
     */
    std::string_view correlationId() const { return viewOf(call_->correlation_id); }
    /* Empty when the call belongs to no job. */
    std::string_view jobId() const { return viewOf(call_->job_id); }
    const ipl_call* raw() const { return call_; }

  private:
    const ipl_call* call_;
};

}  // namespace v1_0
}  // namespace ipl
#pragma GCC visibility pop
