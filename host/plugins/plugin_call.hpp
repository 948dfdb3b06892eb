// The host's side of one ipl_call: takes what the plugin hands over, checks it, passes it on to the
// observer, and tells in the end how the call went.
// Threads: the callbacks come from any thread; open, close, abandon and result from the host's.
// Ownership: by shared_ptr. A plugin that uses a call after its function returned breaks the rules,
// but must not bring the host down: the last kGraveyard calls are kept, without what they held.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "ipl/ipl.h"
#include "plugins/call.hpp"
#include "plugins/host_context.hpp"
#include "plugins/picture_table.hpp"
#include "plugins/socket_table.hpp"
#include "support/sync.hpp"

namespace host::plugins {

// What a call has to hand over to count as a success.
enum class Expect { Nothing, Picture, Text, JsonObject };

class PluginCall {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t kMaxText = 1024 * 1024;
    static constexpr std::size_t kMaxReasoning = 256 * 1024;
    static constexpr std::size_t kMaxMessage = 4096;
    static constexpr std::size_t kMaxPreview = 256 * 1024;
    static constexpr std::size_t kMaxStats = 64 * 1024;
    static constexpr std::size_t kGraveyard = 1024;

    PluginCall(std::shared_ptr<HostContext> host, CallContext context, Expect expect,
               bool wantsPreview);
    PluginCall(const PluginCall&) = delete;
    PluginCall& operator=(const PluginCall&) = delete;

    const ipl_call* abi() const { return &abi_; }
    static PluginCall& of(const ipl_call* call) { return *static_cast<PluginCall*>(call->ctx); }

    // After the plugin function returned: no callback has an effect from here on.
    void close();
    // For a call that is given up while the plugin function still runs. The same, and it reads as
    // cancelled for ever.
    void abandon();
    // After close: how it went, given what the function returned.
    CallResult result(ipl_status returned);

    bool isOpen() const { return open_.load(); }
    void misbehaviour(const char* kind) noexcept;
    CancelReason reason() const IPL_EXCLUDES(mutex_);
    // The reason as the plugin sees it; never 0 once the call is over: a late user shall stop.
    std::int32_t cancelled() const;
    std::int64_t remainingMs() const;
    const std::string& correlationId() const { return correlationId_; }
    Clock::time_point deadline() const { return deadline_; }
    HostContext& host() const { return *host_; }
    // The websockets that it opened; all are closed when it is over.
    SocketTable& sockets() { return sockets_; }

    // The callbacks of the ABI.
    ipl_status progress(double fraction, std::uint32_t step, std::uint32_t steps,
                        const char* phase);
    ipl_status preview(std::string_view bytes);
    ipl_status imageBegin(const ipl_image_out* out, std::uint64_t* handle);
    ipl_status imageWrite(std::uint64_t handle, ipl_span bytes);
    ipl_status imageCommit(std::uint64_t handle);
    ipl_status imageAbort(std::uint64_t handle);
    ipl_status text(std::string_view text, std::uint32_t flags);
    void setError(ipl_status status, const char* field, std::string_view message,
                  std::string_view details);
    void log(std::int32_t level, std::string_view message);

    // Keeps a finished call for late users.
    static void bury(std::shared_ptr<PluginCall> call);

  private:
    struct Progress {
        double fraction = -1;
        std::uint32_t step = 0;
        std::uint32_t steps = 0;
        std::string phase;
    };

    // The observer while the call is open and not cancelled; else null with the status to return.
    std::shared_ptr<CallObserver> enter(ipl_status& status) IPL_EXCLUDES(mutex_);
    ipl_status note(const PictureTable::Outcome& outcome, const char* what);
    CallStatus judge(ipl_status returned, CallResult& result);

    const std::shared_ptr<HostContext> host_;
    const std::string correlationId_;
    const std::string jobId_;
    const Clock::time_point deadline_;
    const Expect expect_;
    const bool wantsPreview_;
    const Clock::time_point start_;
    ipl_call abi_{};
    std::atomic<bool> open_{true};
    std::atomic<std::uint32_t> misbehaviours_{0};
    PictureTable pictures_;
    SocketTable sockets_;

    mutable Mutex mutex_;
    // Let go of when the plugin's function has returned: its descriptor is not to pile up.
    std::shared_ptr<Cancellation> cancellation_ IPL_GUARDED_BY(mutex_);
    CancelReason lastReason_ IPL_GUARDED_BY(mutex_) = CancelReason::None;
    std::shared_ptr<CallObserver> observer_ IPL_GUARDED_BY(mutex_);
    Clock::time_point lastProgress_ IPL_GUARDED_BY(mutex_);
    Clock::time_point lastPreview_ IPL_GUARDED_BY(mutex_);
    std::optional<Progress> heldBack_ IPL_GUARDED_BY(mutex_);
    std::string text_ IPL_GUARDED_BY(mutex_);
    std::string reasoning_ IPL_GUARDED_BY(mutex_);
    std::string pendingText_ IPL_GUARDED_BY(mutex_);  // for the observer: cut code points
    std::string pendingReasoning_ IPL_GUARDED_BY(mutex_);
    bool textTooLarge_ IPL_GUARDED_BY(mutex_) = false;
    bool droppedPicture_ IPL_GUARDED_BY(mutex_) = false;
    std::string hostNote_
        IPL_GUARDED_BY(mutex_);  // why the host refused something, for the message
    ipl_status hostStatus_ IPL_GUARDED_BY(mutex_) = IPL_OK;
    std::string field_ IPL_GUARDED_BY(mutex_);
    std::string message_ IPL_GUARDED_BY(mutex_);
    Json details_ IPL_GUARDED_BY(mutex_) = Json::object();
};

// Sets the function pointers of an ipl_call.
void setCallFunctions(ipl_call& call);

}  // namespace host::plugins
