#pragma once
// A host of a test's own around one plugin library: settings from JSON, a call that notes what the
// plugin hands over. Callbacks are for the one thread that runs the plugin function.

#include <dlfcn.h>
#include <ipl/ipl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace plug {

inline ipl_span span(std::string_view text) {
    return {text.data(), text.size()};
}
inline std::string text(ipl_span s) {
    return s.size == 0 ? std::string() : std::string(s.data, s.size);
}

/// Never unloaded, as in the host. Null when it cannot be loaded.
inline const ipl_entry* load(const std::string& path) {
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    return library == nullptr ? nullptr
                              : static_cast<const ipl_entry*>(dlsym(library, IPL_ENTRY_SYMBOL));
}

class Host {
  public:
    explicit Host(nlohmann::json settings = nlohmann::json::object())
        : settings_(std::move(settings)) {
        config_.struct_size = sizeof(config_);
        config_.get_string = [](const ipl_host*, const char*, ipl_span*) -> int32_t { return 0; };
        config_.get_f64 = [](const ipl_host*, const char*, double*) -> int32_t { return 0; };
        config_.get_bool = [](const ipl_host*, const char*, int32_t*) -> int32_t { return 0; };
        config_.get_i64 = [](const ipl_host* host, const char* pointer, int64_t* out) -> int32_t {
            const auto& settings = static_cast<const Host*>(host->ctx)->settings_;
            const nlohmann::json::json_pointer at{std::string(pointer)};
            if (!settings.contains(at) || !settings[at].is_number_integer()) return 0;
            *out = settings[at].get<int64_t>();
            return 1;
        };
        host_.struct_size = sizeof(host_);
        host_.name = "test";
        host_.version = "1.0";
        host_.ctx = this;
        host_.log = [](const ipl_host*, int32_t, ipl_span) {};
        host_.get_interface = [](const ipl_host* host, const char* id) -> const void* {
            return std::string_view(id) == IPL_HOST_CONFIG
                       ? &static_cast<const Host*>(host->ctx)->config_
                       : nullptr;
        };
    }
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    const ipl_host* get() const { return &host_; }

  private:
    nlohmann::json settings_;
    ipl_host_config config_{};
    ipl_host host_{};
};

class Call {
  public:
    Call() {
        if (pipe(pipe_) != 0) pipe_[0] = pipe_[1] = -1;
        call_.struct_size = sizeof(call_);
        call_.cancel_fd = pipe_[0];
        call_.ctx = this;
        call_.deadline_ms = 60000;
        call_.cancelled = [](const ipl_call* c) -> int32_t { return of(c).reason; };
        call_.remaining_ms = [](const ipl_call*) -> int64_t { return 60000; };
        call_.progress = [](const ipl_call* c, double fraction, uint32_t step, uint32_t count,
                            const char*) -> ipl_status {
            of(c).fractions.push_back(fraction);
            of(c).steps.push_back(step);
            of(c).stepsTold = count;
            if (of(c).cancelAtStep != 0 && step >= of(c).cancelAtStep) of(c).cancel();
            return IPL_OK;
        };
        call_.preview = [](const ipl_call* c, ipl_span, ipl_span bytes) -> ipl_status {
            of(c).previews.push_back(plug::text(bytes));
            return IPL_OK;
        };
        call_.image_begin = [](const ipl_call* c, const ipl_image_out* out, uint64_t* handle) {
            of(c).seed = (out->flags & IPL_OUT_HAS_SEED) != 0 ? out->seed : -1;
            of(c).stats = plug::text(out->stats);
            *handle = 1;
            return static_cast<ipl_status>(IPL_OK);
        };
        call_.image_write = [](const ipl_call* c, uint64_t, ipl_span bytes) -> ipl_status {
            of(c).picture += plug::text(bytes);
            return IPL_OK;
        };
        call_.image_commit = [](const ipl_call* c, uint64_t) -> ipl_status {
            of(c).committed = true;
            return IPL_OK;
        };
        call_.image_abort = [](const ipl_call*, uint64_t) -> ipl_status { return IPL_OK; };
        call_.text = [](const ipl_call* c, ipl_span s, uint32_t flags) -> ipl_status {
            if ((flags & IPL_TEXT_DELTA) == 0) of(c).answer.clear();
            of(c).answer += plug::text(s);
            return IPL_OK;
        };
        call_.set_error = [](const ipl_call* c, ipl_status, const char* name, ipl_span why,
                             ipl_span) {
            of(c).field = name == nullptr ? "" : name;
            of(c).message = plug::text(why);
        };
        call_.log = [](const ipl_call*, int32_t, ipl_span) {};
    }
    ~Call() {
        close(pipe_[0]);
        close(pipe_[1]);
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    const ipl_call* get() const { return &call_; }
    void cancel() {
        if (reason.exchange(IPL_CANCEL_USER) != IPL_CANCEL_NONE) return;
        cancelledAt = std::chrono::steady_clock::now();
        (void)!write(pipe_[1], "x", 1);
    }

    std::atomic<int32_t> reason{IPL_CANCEL_NONE};
    std::chrono::steady_clock::time_point cancelledAt;
    uint32_t cancelAtStep = 0;
    std::vector<double> fractions;
    std::vector<uint32_t> steps;
    uint32_t stepsTold = 0;
    std::vector<std::string> previews;
    std::string picture;
    bool committed = false;
    int64_t seed = -1;
    std::string stats;
    std::string answer;
    std::string field;
    std::string message;

  private:
    static Call& of(const ipl_call* call) { return *static_cast<Call*>(call->ctx); }

    ipl_call call_{};
    int pipe_[2] = {-1, -1};
};

}  // namespace plug
