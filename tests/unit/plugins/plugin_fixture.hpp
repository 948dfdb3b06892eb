// What tests of calls share: an observer that keeps everything in memory, and instances of the
// faulty plugins in tests/plugins/fixtures.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/metrics_text.hpp"
#include "common/temp_dir.hpp"
#include "plugins/backends.hpp"
#include "plugins/locate.hpp"
#include "support/http_client.hpp"
#include "support/image_info.hpp"
#include "support/metrics.hpp"

namespace test {

namespace plugins = host::plugins;
using Clock = std::chrono::steady_clock;

struct KeptPicture {
    plugins::PictureInfo info;
    std::string bytes;
};

// Keeps what comes. Pictures follow the rules of the store: real ones only, bounded in size.
class MemoryObserver : public plugins::CallObserver {
  public:
    explicit MemoryObserver(std::size_t maxPicture = 32 * 1024 * 1024) : maxPicture_(maxPicture) {}

    void progress(double fraction, std::uint32_t step, std::uint32_t steps,
                  std::string_view phase) override {
        const std::lock_guard lock(mutex_);
        fractions_.push_back(fraction);
        lastProgress_ =
            std::to_string(step) + "/" + std::to_string(steps) + " " + std::string(phase);
    }
    void preview(std::string_view mime, std::span<const std::byte> /*bytes*/) override {
        const std::lock_guard lock(mutex_);
        previews_.emplace_back(mime);
    }
    std::unique_ptr<plugins::PictureWriter> beginPicture(const plugins::PictureInfo& info,
                                                         plugins::CallStatus& /*why*/) override {
        return std::make_unique<Writer>(*this, info);
    }
    void text(std::string_view delta, bool reasoning) override {
        const std::lock_guard lock(mutex_);
        (reasoning ? reasoning_ : text_).append(delta);
    }

    std::vector<KeptPicture> pictures() const { return get(pictures_); }
    std::vector<double> fractions() const { return get(fractions_); }
    std::vector<std::string> previews() const { return get(previews_); }
    std::string lastProgress() const { return get(lastProgress_); }
    std::string textPieces() const { return get(text_); }
    std::string reasoningPieces() const { return get(reasoning_); }
    int openWriters() const { return openWriters_; }

  private:
    class Writer : public plugins::PictureWriter {
      public:
        Writer(MemoryObserver& to, plugins::PictureInfo info) : to_(to), info_(std::move(info)) {
            ++to_.openWriters_;
        }
        ~Writer() override { --to_.openWriters_; }
        plugins::CallStatus write(std::span<const std::byte> bytes) override {
            if (bytes_.size() + bytes.size() > to_.maxPicture_)
                return plugins::CallStatus::TooLarge;
            bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            if (host::looksLikePicture(bytes_) == host::Sniff::No) {
                return plugins::CallStatus::BadOutput;
            }
            return plugins::CallStatus::Ok;
        }
        plugins::CallStatus commit() override {
            if (!host::sniffImage(bytes_)) return plugins::CallStatus::BadOutput;
            const std::lock_guard lock(to_.mutex_);
            to_.pictures_.push_back({info_, bytes_});
            return plugins::CallStatus::Ok;
        }

      private:
        MemoryObserver& to_;
        plugins::PictureInfo info_;
        std::string bytes_;
    };

    template <typename T>
    T get(const T& value) const {
        const std::lock_guard lock(mutex_);
        return value;
    }

    const std::size_t maxPicture_;
    mutable std::mutex mutex_;
    std::atomic<int> openWriters_{0};
    std::vector<KeptPicture> pictures_;
    std::vector<double> fractions_;
    std::vector<std::string> previews_;
    std::string lastProgress_, text_, reasoning_;
};

// A context with a deadline so far away.
inline plugins::CallContext contextFor(
    std::shared_ptr<plugins::CallObserver> observer,
    std::chrono::milliseconds within = std::chrono::seconds(20)) {
    plugins::CallContext context;
    context.correlationId = "test-correlation";
    context.jobId = "0badcafe";
    context.deadline = Clock::now() + within;
    context.cancellation = std::make_shared<plugins::Cancellation>();
    context.observer = std::move(observer);
    return context;
}

inline std::filesystem::path fixtureFile(const std::string& name) {
    return std::filesystem::path(IPL_FIXTURE_DIR) / (name + ".so");
}

// One instance of a fixture in one role, destroyed with the test.
template <typename T>
class Running {
  public:
    using Make = plugins::MadeBackend<T> (*)(plugins::Library&, plugins::InstanceOptions,
                                             plugins::HostServices);

    Running(Make make, const std::string& fixture, host::Json settings = host::Json::object(),
            std::chrono::milliseconds grace = std::chrono::seconds(5)) {
        metrics = std::make_shared<host::MetricsRegistry>();
        const plugins::HostServices services{
            metrics, std::make_shared<host::HttpClient>(), {folder.path().string()}};
        auto library = plugins::Library::open(fixtureFile(fixture), services);
        if (!library) throw std::runtime_error(library.error().message);
        made = make(**library,
                    {.name = "Unit " + fixture,
                     .role = {},
                     .settings = std::move(settings),
                     .dataFolder = folder.path().string(),
                     .concurrency = 4,
                     .grace = grace},
                    services);
        created = made.instance->create(contextFor(nullptr));
    }
    ~Running() { made.instance->destroy(std::chrono::seconds(2)); }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    T* operator->() const { return made.backend.get(); }

    // How often a rule was broken, by the metric.
    double misbehaviours(const std::string& kind) const {
        return metricOf(metrics->text(), "plugin_misbehaviour_total", "kind=\"" + kind + "\"")
            .value_or(0);
    }

    TempDir folder;
    std::shared_ptr<host::MetricsRegistry> metrics;
    plugins::MadeBackend<T> made;
    plugins::CallResult created;
};

struct RunningImage : Running<plugins::ImageBackend> {
    template <typename... Args>
    explicit RunningImage(const std::string& fixture, Args... args)
        : Running(&plugins::makeImageBackend, fixture, std::move(args)...) {}
};

struct RunningPrompt : Running<plugins::PromptBackend> {
    template <typename... Args>
    explicit RunningPrompt(const std::string& fixture, Args... args)
        : Running(&plugins::makePromptBackend, fixture, std::move(args)...) {}
};

struct RunningVision : Running<plugins::VisionBackend> {
    template <typename... Args>
    explicit RunningVision(const std::string& fixture, Args... args)
        : Running(&plugins::makeVisionBackend, fixture, std::move(args)...) {}
};

inline plugins::ImageRequest simpleRequest() {
    plugins::ImageRequest request;
    request.prompt = "a red boat";
    request.orientation = "square";
    request.sizeClass = "0.5mp";
    request.width = 704;
    request.height = 704;
    request.steps = 4;
    return request;
}

}  // namespace test
