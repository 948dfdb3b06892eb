// One call into a plugin as the rest of the host sees it: what it may cost (deadline), how it is
// stopped (Cancellation), where its output goes (CallObserver), how it ended (CallResult).
// Threads: Cancellation and every CallObserver function may be used from any thread, also at once.
// Ownership: all of it is held by shared_ptr, because a call that hangs outlives its caller.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "support/error.hpp"

namespace host::plugins {

// The values of ipl_status, and three that only the host gives. See sdk/include/ipl/ipl.h.
enum class CallStatus : std::int32_t {
    Ok = 0,
    InvalidArgument = 1,
    Unsupported = 2,
    ImageFormat = 3,
    TooLarge = 4,
    Unavailable = 5,
    Busy = 6,
    Timeout = 7,
    Cancelled = 8,
    Upstream = 9,
    BadOutput = 10,
    OutOfMemory = 11,
    Internal = 12,
    Crashed = 100,  // the process that ran the plugin died
    Hung = 101,     // it ignored deadline and cancel, and was given up
    Protocol = 102  // it broke the ABI's rules
};

// "ok", "unavailable", ...: for logs, metrics and the attempts table.
std::string_view statusName(CallStatus status);

enum class CancelReason : std::int32_t { None = 0, User = 1, Deadline = 2, Shutdown = 3 };

// A one-way switch with a descriptor that becomes readable when it is thrown. The first reason
// stays.
class Cancellation {
  public:
    Cancellation();
    ~Cancellation();
    Cancellation(const Cancellation&) = delete;
    Cancellation& operator=(const Cancellation&) = delete;

    void cancel(CancelReason reason);
    CancelReason reason() const;
    int fd() const { return fd_; }  // poll it; -1 when the process has no descriptor left

  private:
    int fd_;
    std::atomic<std::int32_t> reason_{0};
};

// What a plugin says of a picture that it is about to hand over. Nothing here is to be trusted.
struct PictureInfo {
    std::string mimeHint;
    std::string remoteName;
    std::optional<std::int64_t> seed;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint64_t sizeHint = 0;
    Json stats = Json::object();
};

// Takes the bytes of one picture. Destroyed without commit, it drops them.
class PictureWriter {
  public:
    virtual ~PictureWriter() = default;
    // Ok, TooLarge, BadOutput (not a picture), Cancelled or Internal (disk).
    virtual CallStatus write(std::span<const std::byte> bytes) = 0;
    virtual CallStatus commit() = 0;
};

// Where a call's output goes. None of these may block longer than a bounded disk write.
class CallObserver {
  public:
    virtual ~CallObserver() = default;
    // fraction below 0 = unknown. Already thinned out to about 10 per second.
    virtual void progress(double /*fraction*/, std::uint32_t /*step*/, std::uint32_t /*steps*/,
                          std::string_view /*phase*/) {}
    virtual void preview(std::string_view /*mime*/, std::span<const std::byte> /*bytes*/) {}
    // Null refuses the picture; `why` then says with which status.
    virtual std::unique_ptr<PictureWriter> beginPicture(const PictureInfo& /*info*/,
                                                        CallStatus& why) {
        why = CallStatus::Unsupported;
        return nullptr;
    }
    // A piece of text as it comes (also reasoning); the whole is in CallResult.
    virtual void text(std::string_view /*delta*/, bool /*reasoning*/) {}
};

struct CallContext {
    std::string correlationId;
    std::string jobId;  // may be empty
    std::chrono::steady_clock::time_point deadline;
    std::shared_ptr<Cancellation> cancellation;  // never null
    std::shared_ptr<CallObserver> observer;      // null = output is dropped
};

struct CallResult {
    CallStatus status = CallStatus::Internal;
    CancelReason cancelReason =
        CancelReason::None;  // when status is Cancelled or Timeout by deadline
    std::string field;       // the request field or setting that is wrong, if the plugin named one
    std::string message;     // what happened; empty when Ok
    Json details = Json::object();
    std::string text;            // accumulated text(), without reasoning
    std::string reasoning;       // bounded; for logs
    std::uint32_t pictures = 0;  // committed
    std::uint32_t misbehaviours = 0;
    std::chrono::milliseconds duration{0};

    bool ok() const { return status == CallStatus::Ok; }
};

}  // namespace host::plugins
