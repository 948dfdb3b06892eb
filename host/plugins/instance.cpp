#include "plugins/instance.hpp"

#include <cxxabi.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <new>
#include <thread>

#include "plugins/abi_text.hpp"

namespace host::plugins {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::chrono::hours kLongest{48};  // a deadline beyond it, such as "never"
constexpr std::chrono::seconds kRenewTime{30};
constexpr milliseconds kLook{50};  // how often a waiting caller looks for a cancel

constexpr std::array kCallBounds{0.001, 0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0};
constexpr MetricFamily kCallSeconds{
    "ipl_plugin_call_seconds", "How long calls into a plugin took, by its function.", kCallBounds};
constexpr MetricFamily kCalls{"ipl_plugin_calls_total",
                              "Calls into a plugin that ended, by its function and how."};

CallResult failure(CallStatus status, std::string message) {
    CallResult result;
    result.status = status;
    result.message = std::move(message);
    return result;
}

}  // namespace

// What a call's thread holds on to, for as long as it takes.
struct Instance::Task {
    std::shared_ptr<Instance> instance;
    std::shared_ptr<PluginCall> call;
    Function function;
    std::thread thread;
    Mutex mutex;
    CondVar finished;
    bool done IPL_GUARDED_BY(mutex) = false;
    ipl_status status IPL_GUARDED_BY(mutex) = IPL_E_INTERNAL;

    ipl_status enter() {
        try {
            return function(instance->self_, call->abi());
        } catch (abi::__forced_unwind&) {  // the thread is being ended; this must go on
            throw;
        } catch (...) {
            call->misbehaviour("exception_escaped");
            return IPL_E_INTERNAL;
        }
    }

    void run() IPL_EXCLUDES(mutex) {
        ipl_status returned = enter();
        try {
            call->close();
            PluginCall::bury(call);
        } catch (const std::bad_alloc&) {  // an exception that left the thread would end the host
            returned = IPL_E_OUT_OF_MEMORY;
        }
        function = nullptr;  // the request's memory
        --instance->running_;
        MutexLock lock(mutex);
        status = returned;
        done = true;
        finished.notifyAll();
    }
};

Instance::Instance(Library& library, Head head, InstanceOptions options, HostServices services)
    : library_(library),
      head_(head),
      options_(std::move(options)),
      host_(std::make_shared<HostContext>(library.info().id, options_.name, options_.settings,
                                          std::move(services))) {}

CallResult Instance::call(const char* function, const CallContext& context, Expect expect,
                          bool wantsPreview, Function body) {
    if (quarantined_ && !shutDown_) {
        if (CallResult renewed = renew(context); !renewed.ok()) return renewed;
    }
    if (self_ == nullptr || shutDown_) {
        return failure(CallStatus::Unavailable, name() + " is shut down.");
    }
    return run(function, context, expect, wantsPreview, std::move(body));
}

// Nothing is known of the state of an instance that ignored its cancel, so it is not used again;
// but a fresh one is as good as after a restart. Not before the last call is back: it may still use
// what destroy would free.
CallResult Instance::renew(const CallContext& context) {
    if (running_ > 0 || renewing_.exchange(true)) {
        return failure(CallStatus::Hung, "An earlier call of " + name() +
                                             " has not come back: it takes no work until it "
                                             "does, or until the host is restarted.");
    }
    struct Turn {
        std::atomic<bool>& taken;
        ~Turn() { taken = false; }
    } turn{renewing_};
    CallResult result;
    result.status = CallStatus::Ok;
    if (!quarantined_) return result;
    CallContext own = context;
    own.observer = nullptr;
    own.deadline = std::max(context.deadline, Clock::now() + kRenewTime);
    if (self_ != nullptr) {
        const auto self = shared_from_this();
        result = run("destroy", own, Expect::Nothing, false, [self](void* made, const ipl_call*) {
            self->head_.destroy(made);
            self->self_ = nullptr;
            return ipl_status{IPL_OK};
        });
    }
    if (result.ok()) result = create(own);
    if (result.ok()) {
        quarantined_ = false;
        spdlog::info("plugin={} instance={} was made anew after a call that had been given up",
                     pluginId(), name());
    } else {
        result.message = "It cannot be started again: " + result.message;
    }
    return result;
}

CallResult Instance::run(const char* function, const CallContext& context, Expect expect,
                         bool wantsPreview, Function body) {
    const auto begun = Clock::now();
    CallResult result = runOnThread(context, expect, wantsPreview, std::move(body));
    count(function, Clock::now() - begun, result.status);
    return result;
}

void Instance::count(const char* function, Clock::duration taken, CallStatus status) const try {
    MetricsRegistry* metrics = host_->services().metrics.get();
    if (metrics == nullptr) return;
    MetricLabels labels{{"plugin", pluginId()}, {"instance", name()}, {"function", function}};
    metrics->histogram(kCallSeconds, labels).observe(std::chrono::duration<double>(taken).count());
    labels.emplace_back("status", statusName(status));
    metrics->counter(kCalls, std::move(labels)).add();
} catch (const std::bad_alloc&) {
    // A figure less; the call's outcome is worth more.
}

CallResult Instance::runOnThread(const CallContext& context, Expect expect, bool wantsPreview,
                                 Function function) {
    auto task = std::make_shared<Task>();
    task->instance = shared_from_this();
    task->call = std::make_shared<PluginCall>(host_, context, expect, wantsPreview);
    task->function = std::move(function);
    ++running_;
    try {
        task->thread = std::thread([task] { task->run(); });
    } catch (const std::exception&) {  // no thread, or no memory for one
        --running_;
        return failure(CallStatus::OutOfMemory, "There is no thread left for a call.");
    }
    return wait(context, task);
}

CallResult Instance::wait(const CallContext& context, const std::shared_ptr<Task>& task) {
    const auto start = Clock::now();
    const auto deadline = std::min(context.deadline, start + kLongest);
    auto giveUp = deadline + options_.grace;
    bool shutdownSeen = false;
    for (;;) {
        ipl_status returned = IPL_E_INTERNAL;
        bool done = false;
        {
            MutexLock lock(task->mutex);
            const auto until = std::min(giveUp, Clock::now() + kLook);
            if (!task->done) {
                const bool beforeDeadline =
                    context.cancellation->reason() == CancelReason::None && Clock::now() < deadline;
                task->finished.waitUntil(task->mutex,
                                         beforeDeadline ? std::min(until, deadline) : until);
            }
            done = task->done;
            returned = task->status;
        }
        if (done) {
            task->thread.join();
            return task->call->result(returned);
        }
        const auto now = Clock::now();
        if (now >= deadline) context.cancellation->cancel(CancelReason::Deadline);
        if (!shutdownSeen && context.cancellation->reason() == CancelReason::Shutdown) {
            shutdownSeen = true;  // the process ends: nobody waits for the call's own deadline
            giveUp = std::min(giveUp, now + options_.grace);
        }
        if (now < giveUp) continue;
        quarantined_ = true;
        task->thread.detach();
        task->call->abandon();
        spdlog::critical(
            "plugin={} instance={} correlation_id={} ignored its deadline and the cancel for {} "
            "ms: "
            "the call is given up and the instance takes no work until it is back",
            pluginId(), name(), context.correlationId, options_.grace.count());
        CallResult result = failure(CallStatus::Hung,
                                    "The plugin did not come back: neither the "
                                    "deadline nor the cancel made it stop.");
        result.cancelReason = context.cancellation->reason();
        result.pictures = task->call->result(IPL_E_INTERNAL).pictures;
        result.duration = std::chrono::duration_cast<milliseconds>(now - start);
        return result;
    }
}

CallResult Instance::create(const CallContext& context) {
    // create() reads the options of this instance, which its thread keeps alive.
    const auto self = shared_from_this();
    CallResult result =
        run("create", context, Expect::Nothing, false, [self](void*, const ipl_call* call) {
            const std::string settings =
                self->options_.settings.dump(-1, ' ', false, Json::error_handler_t::replace);
            ipl_instance_args args{};
            args.struct_size = sizeof args;
            args.max_concurrency =
                static_cast<std::uint32_t>(std::max(1, self->options_.concurrency));
            args.role = spanOf(self->options_.role);
            args.instance_name = spanOf(self->options_.name);
            args.settings = spanOf(settings);
            args.data_dir = spanOf(self->options_.dataFolder);
            void* made = nullptr;
            const ipl_status status = self->head_.create(self->host_->abi(), &args, call, &made);
            if (status != IPL_OK) return status;
            if (made == nullptr) {
                PluginCall::of(call).misbehaviour("null_self");
                PluginCall::of(call).setError(IPL_E_INTERNAL, nullptr,
                                              "The plugin reported success, but made no instance.",
                                              {});
                return ipl_status{IPL_E_INTERNAL};
            }
            self->self_ = made;
            return ipl_status{IPL_OK};
        });
    return result;
}

bool Instance::destroy(milliseconds patience) {
    shutDown_ = true;
    if (self_ == nullptr) return running_ == 0;
    const auto until = Clock::now() + patience;
    while (running_ > 0 && !quarantined_ && Clock::now() < until) {
        std::this_thread::sleep_for(milliseconds(5));
    }
    if (running_ > 0) {
        spdlog::warn("plugin={} instance={} still has calls in it and is not destroyed", pluginId(),
                     name());
        return false;
    }
    CallContext context;
    context.deadline = Clock::now() + patience;
    context.cancellation = std::make_shared<Cancellation>();
    const CallResult result =
        run("destroy", context, Expect::Nothing, false, [this](void* self, const ipl_call*) {
            head_.destroy(self);
            self_ = nullptr;
            return ipl_status{IPL_OK};
        });
    return result.ok();
}

}  // namespace host::plugins
