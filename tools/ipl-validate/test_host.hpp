// A host and a call of the validator's own: no network, nothing on disk, everything bounded. The
// callbacks of TestCall are safe on any thread, as the ABI promises; the rest is for one thread.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "ipl/ipl.h"
#include "report.hpp"

namespace validate {

class TestHost {
  public:
    explicit TestHost(Json settings);
    TestHost(const TestHost&) = delete;
    TestHost& operator=(const TestHost&) = delete;

    const ipl_host* abi() const { return &host_; }
    const Json& settings() const { return settings_; }

  private:
    Json settings_;
    ipl_host host_{};
};

class TestCall {
  public:
    explicit TestCall(std::chrono::milliseconds limit);
    ~TestCall();
    TestCall(const TestCall&) = delete;
    TestCall& operator=(const TestCall&) = delete;

    const ipl_call* abi() const { return &call_; }
    void cancel();
    // From here on every use of the call is a breach.
    void end() { ended_ = true; }

    // What the plugin handed over. Complete once the plugin function returned.
    std::string text() const;
    std::vector<std::string> pictures() const;
    std::string error() const;
    // Breaches of the rules, in words.
    std::vector<std::string> breaches() const;

  private:
    struct Picture {
        std::string bytes;
        bool open = true;
        bool committed = false;
    };

    static TestCall& of(const ipl_call* call) { return *static_cast<TestCall*>(call->ctx); }
    // What every callback does first.
    ipl_status enter(const char* function);
    void breach(const std::string& what);
    ipl_status write(uint64_t handle, ipl_span bytes);
    ipl_status close(uint64_t handle, bool commit);
    void fillCallbacks();

    ipl_call call_{};
    const std::chrono::steady_clock::time_point deadline_;
    std::atomic<int32_t> reason_{IPL_CANCEL_NONE};
    std::atomic<bool> ended_{false};
    mutable std::mutex mutex_;
    std::string text_;
    std::string error_;
    std::map<uint64_t, Picture> pictures_;
    std::vector<std::string> breaches_;
    uint64_t stored_ = 0;
};

// A status in words.
std::string nameOfStatus(ipl_status status);

}  // namespace validate
