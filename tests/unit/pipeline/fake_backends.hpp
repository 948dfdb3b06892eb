// Backends whose answers a test scripts: what generate and complete do is a function of the test's.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "plugins/backend.hpp"

namespace test {

using host::plugins::CallContext;
using host::plugins::CallResult;
using host::plugins::CallStatus;

// The smallest PNG that a picture store accepts.
std::string tinyPng();

inline CallResult failure(CallStatus status, std::string message = "scripted") {
    CallResult result;
    result.status = status;
    result.message = std::move(message);
    return result;
}

// Hands over one picture.
CallResult deliver(const CallContext& context, const std::string& remoteName = "");

class FakeImages : public host::plugins::ImageBackend {
  public:
    using Generate =
        std::function<CallResult(const host::plugins::ImageRequest&, const CallContext&)>;
    explicit FakeImages(std::string name, Generate generate)
        : name_(std::move(name)), generate_(std::move(generate)) {}

    const std::string& name() const override { return name_; }
    const std::string& pluginId() const override { return plugin_; }
    bool quarantined() const override { return stuck; }
    CallResult probe(const CallContext&) override {
        ++probes;
        if (probeOk) stuck = false;
        return probeOk ? CallResult{.status = probeAnswer} : failure(CallStatus::Unavailable);
    }
    CallResult describe(const CallContext&) override { return {.status = CallStatus::Ok}; }
    CallResult generate(const host::plugins::ImageRequest& request,
                        const CallContext& context) override {
        ++calls;
        return generate_(request, context);
    }

    std::atomic<int> calls{0};
    std::atomic<int> probes{0};
    std::atomic<bool> probeOk{true};
    std::atomic<CallStatus> probeAnswer{CallStatus::Ok};  // while probeOk
    std::atomic<bool> stuck{false};                       // in quarantine, until a probe goes well

  private:
    const std::string name_;
    const std::string plugin_ = "fake";
    const Generate generate_;
};

// What language models of either role have in common: they are there, and tell nothing.
template <typename Role>
class FakeModel : public Role {
  public:
    explicit FakeModel(std::string name) : name_(std::move(name)) {}
    const std::string& name() const override { return name_; }
    const std::string& pluginId() const override { return name_; }
    bool quarantined() const override { return false; }
    CallResult probe(const CallContext&) override { return {.status = CallStatus::Ok}; }
    CallResult describe(const CallContext&) override { return {.status = CallStatus::Ok}; }
    CallResult listModels(const CallContext&) override { return {.status = CallStatus::Ok}; }

  private:
    const std::string name_;
};

class FakeWriter : public FakeModel<host::plugins::PromptBackend> {
  public:
    using Complete =
        std::function<CallResult(const host::plugins::TextRequest&, const CallContext&)>;
    explicit FakeWriter(Complete complete)
        : FakeModel("fake-writer"), complete_(std::move(complete)) {}

    CallResult complete(const host::plugins::TextRequest& request,
                        const CallContext& context) override {
        ++calls;
        return complete_(request, context);
    }

    std::atomic<int> calls{0};

  private:
    const Complete complete_;
};

// Answers with what it is given, one after the other, and keeps the requests.
class FakeEye : public FakeModel<host::plugins::VisionBackend> {
  public:
    explicit FakeEye(std::deque<CallResult> answers)
        : FakeModel("fake-eye"), answers_(std::move(answers)) {}

    CallResult analyze(const host::plugins::TextRequest& request,
                       const CallContext& context) override {
        std::lock_guard lock(mutex_);
        requests.push_back(request);
        contexts.push_back(context);
        if (answers_.empty()) return failure(CallStatus::Internal, "asked too often");
        CallResult answer = answers_.front();
        answers_.pop_front();
        return answer;
    }

    std::vector<host::plugins::TextRequest> requests;
    std::vector<CallContext> contexts;

  private:
    std::mutex mutex_;
    std::deque<CallResult> answers_;
};

}  // namespace test
