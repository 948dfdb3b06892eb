// A shipped plugin run as the host runs it: the built library, the host's own plugin floor and HTTP
// client. For tests that link host_plugins. Throws std::runtime_error when the plugin does not
// start.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/temp_dir.hpp"
#include "plugins/backends.hpp"
#include "support/http_client.hpp"

namespace test {

namespace plugins = host::plugins;

// What came out of a call, for looking at afterwards. Refuses HTML and what is over maxBytes, as
// the host's store does.
class Collected : public plugins::CallObserver {
  public:
    struct Kept {
        plugins::PictureInfo info;
        std::string bytes;
        bool committed = false;
    };

    explicit Collected(std::size_t maxBytes = 1 << 20) : maxBytes_(maxBytes) {}

    void progress(double fraction, std::uint32_t, std::uint32_t, std::string_view phase) override {
        std::lock_guard lock(mutex_);
        phases_.emplace_back(phase);
        fractions_.push_back(fraction);
    }
    void text(std::string_view delta, bool reasoning) override {
        std::lock_guard lock(mutex_);
        (reasoning ? reasoning_ : text_) += delta;
    }
    void preview(std::string_view mime, std::span<const std::byte> bytes) override {
        std::lock_guard lock(mutex_);
        previews_.emplace_back(
            mime, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    }
    std::unique_ptr<plugins::PictureWriter> beginPicture(const plugins::PictureInfo& info,
                                                         plugins::CallStatus&) override {
        std::lock_guard lock(mutex_);
        pictures_.push_back(std::make_shared<Kept>(Kept{info, {}, false}));
        return std::make_unique<Writer>(pictures_.back(), maxBytes_);
    }

    std::vector<std::string> phases() const {
        std::lock_guard lock(mutex_);
        return phases_;
    }
    std::vector<double> fractions() const {
        std::lock_guard lock(mutex_);
        return fractions_;
    }
    // Type and bytes.
    std::vector<std::pair<std::string, std::string>> previews() const {
        std::lock_guard lock(mutex_);
        return previews_;
    }
    std::string text() const {
        std::lock_guard lock(mutex_);
        return text_;
    }
    std::vector<Kept> committed() const {
        std::lock_guard lock(mutex_);
        std::vector<Kept> out;
        for (const auto& picture : pictures_)
            if (picture->committed) out.push_back(*picture);
        return out;
    }

  private:
    class Writer : public plugins::PictureWriter {
      public:
        Writer(std::shared_ptr<Kept> kept, std::size_t maxBytes)
            : kept_(std::move(kept)), maxBytes_(maxBytes) {}
        plugins::CallStatus write(std::span<const std::byte> bytes) override {
            if (kept_->bytes.size() + bytes.size() > maxBytes_)
                return plugins::CallStatus::TooLarge;
            kept_->bytes.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            return kept_->bytes.starts_with('<') ? plugins::CallStatus::BadOutput
                                                 : plugins::CallStatus::Ok;
        }
        plugins::CallStatus commit() override {
            kept_->committed = true;
            return plugins::CallStatus::Ok;
        }

      private:
        std::shared_ptr<Kept> kept_;
        std::size_t maxBytes_;
    };

    const std::size_t maxBytes_;
    mutable std::mutex mutex_;
    std::vector<std::string> phases_;
    std::vector<double> fractions_;
    std::vector<std::pair<std::string, std::string>> previews_;
    std::string text_;
    std::string reasoning_;
    std::vector<std::shared_ptr<Kept>> pictures_;
};

// One call with what belongs to it.
struct Outcome {
    plugins::CallResult result;
    std::shared_ptr<Collected> collected;
};

template <typename T>
class BackendRun {
  public:
    BackendRun(const std::string& pluginFile, const std::string& role, host::Json settings) {
        services_.http = std::make_shared<host::HttpClient>();
        auto library = plugins::Library::open(pluginFile, services_);
        if (!library.ok()) throw std::runtime_error(library.error().message);
        plugins::InstanceOptions options{.name = "tested",
                                         .role = role,
                                         .settings = std::move(settings),
                                         .dataFolder = folder_.path().string()};
        auto made = make(**library, std::move(options));
        auto result = made.instance->create(context(std::chrono::seconds(5)));
        if (!result.ok()) throw std::runtime_error(result.field + ": " + result.message);
        backend_ = made.backend;
        instance_ = made.instance;
    }
    ~BackendRun() {
        if (instance_) instance_->destroy(std::chrono::seconds(5));
    }

    T& backend() { return *backend_; }

    plugins::CallContext context(std::chrono::milliseconds time,
                                 std::shared_ptr<plugins::Cancellation> cancellation = {},
                                 std::shared_ptr<Collected> collected = {}) const {
        plugins::CallContext out;
        out.correlationId = "test-correlation";
        out.deadline = std::chrono::steady_clock::now() + time;
        out.cancellation =
            cancellation ? std::move(cancellation) : std::make_shared<plugins::Cancellation>();
        out.observer = std::move(collected);
        return out;
    }

    // Calls function(backend, context) and keeps what came.
    template <typename F>
    Outcome run(F function, std::chrono::milliseconds time = std::chrono::seconds(20),
                std::shared_ptr<plugins::Cancellation> cancellation = {}) {
        auto collected = std::make_shared<Collected>();
        auto callContext = context(time, std::move(cancellation), collected);
        return {function(*backend_, callContext), collected};
    }

  private:
    auto make(plugins::Library& library, plugins::InstanceOptions options) {
        if constexpr (std::is_same_v<T, plugins::ImageBackend>) {
            return plugins::makeImageBackend(library, std::move(options), services_);
        } else if constexpr (std::is_same_v<T, plugins::PromptBackend>) {
            return plugins::makePromptBackend(library, std::move(options), services_);
        } else {
            return plugins::makeVisionBackend(library, std::move(options), services_);
        }
    }

    TempDir folder_;
    plugins::HostServices services_;
    std::shared_ptr<T> backend_;
    std::shared_ptr<plugins::Instance> instance_;
};

}  // namespace test
