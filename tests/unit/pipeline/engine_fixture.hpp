// An engine over the real stores, in a folder of its own, with scripted backends.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "common/temp_dir.hpp"
#include "fake_backends.hpp"
#include "pipeline/engine.hpp"
#include "pipeline/status_view.hpp"
#include "store/disk_picture_store.hpp"
#include "store/sqlite_store.hpp"

namespace test {

using namespace std::chrono_literals;
using host::Json;
using host::pipeline::Engine;
using host::pipeline::EngineOptions;
using host::pipeline::EventLog;
using host::pipeline::JobSpec;
using host::pipeline::StatusView;
using host::plugins::CancelReason;
using host::plugins::ImageRequest;
using host::plugins::TextRequest;

inline CallResult waitForCancel(const CallContext& context) {
    while (context.cancellation->reason() == CancelReason::None &&
           std::chrono::steady_clock::now() < context.deadline) {
        std::this_thread::yield();
    }
    CallResult result = failure(CallStatus::Cancelled, "");
    result.cancelReason = context.cancellation->reason();
    return result;
}

class EngineTest : public testing::Test {
  protected:
    std::shared_ptr<FakeImages> endpoint(const std::string& name, FakeImages::Generate generate,
                                         int concurrency = 1) {
        auto backend = std::make_shared<FakeImages>(name, std::move(generate));
        options_.endpoints.push_back(
            {name, std::nullopt, std::nullopt, "fake", concurrency, 60s, backend});
        return backend;
    }
    std::shared_ptr<FakeImages> goodEndpoint(const std::string& name) {
        return endpoint(name, [](const ImageRequest&, const CallContext& c) { return deliver(c); });
    }
    std::shared_ptr<FakeWriter> writer(FakeWriter::Complete complete) {
        auto backend = std::make_shared<FakeWriter>(std::move(complete));
        options_.prompt.backend = backend;
        return backend;
    }

    void start() {
        if (!options_.prompt.backend) {
            writer([](const TextRequest&, const CallContext&) {
                return CallResult{.status = CallStatus::Ok, .text = "a written prompt"};
            });
        }
        auto jobs = host::store::openSqliteStore(dir_ / "jobs.db");
        ASSERT_TRUE(jobs.ok()) << jobs.error().message;
        store_ = std::move(*jobs);
        auto pictures = host::store::openDiskPictureStore(
            dir_ / "output", host::store::inputDirectoryFor(dir_ / "jobs.db"));
        ASSERT_TRUE(pictures.ok());
        pictures_ = std::move(*pictures);
        events_ = std::make_unique<EventLog>(*store_);
        store_->setEventListener([this](const auto& rows) { events_->committed(rows); });
        events_->setWake([this] {
            const std::lock_guard lock(mutex_);
            ++changes_;
            changed_.notify_all();
        });
        engine_ = std::make_unique<Engine>(options_, *store_, *pictures_, *events_);
        status_ = std::make_unique<StatusView>(*engine_, *store_);
        ASSERT_TRUE(engine_->start().ok());
    }

    void stop(std::chrono::milliseconds grace = 0ms) {
        if (engine_) engine_->stop(grace);
        status_.reset();
        engine_.reset();
        if (store_) store_->close();
        store_.reset();
        events_.reset();
        pictures_.reset();
    }
    void TearDown() override { stop(); }

    std::string submit(JobSpec spec, const std::string& client = "me") {
        if (spec.prompt.empty() && !spec.random) spec.prompt = "a cat";
        if (spec.endpoints.empty()) {
            for (const auto& e : options_.endpoints)
                spec.endpoints.push_back(e.name);
        }
        const auto receipt = engine_->submit({.spec = std::move(spec), .client = client});
        EXPECT_TRUE(receipt.ok()) << (receipt.ok() ? "" : receipt.error().message);
        return receipt.ok() ? receipt->jobId : "";
    }

    Json status(const std::string& id) {
        const auto job = status_->job(id);
        return job.ok() ? *job : Json();
    }

    // Waits for events until the job is as wanted; the last status in any case.
    Json waitFor(const std::string& id, const std::function<bool(const Json&)>& wanted,
                 std::chrono::seconds limit = 20s) {
        const auto until = std::chrono::steady_clock::now() + limit;
        std::unique_lock lock(mutex_);
        while (true) {
            const auto seen = changes_;
            lock.unlock();
            Json job = status(id);
            if (wanted(job) || std::chrono::steady_clock::now() > until) return job;
            lock.lock();
            changed_.wait_for(lock, 200ms, [&] { return changes_ != seen; });
        }
    }
    Json finished(const std::string& id, std::chrono::seconds limit = 20s) {
        return waitFor(
            id,
            [](const Json& job) { return job["status"] != "queued" && job["status"] != "running"; },
            limit);
    }

    std::size_t filesInOutput() const {
        std::size_t files = 0;
        for (const auto& entry : std::filesystem::directory_iterator(dir_ / "output")) {
            files += entry.is_regular_file() ? 1 : 0;
        }
        return files;
    }

    EngineOptions options_;
    TempDir dir_;
    std::unique_ptr<host::store::JobStore> store_;
    std::unique_ptr<host::store::PictureStore> pictures_;
    std::unique_ptr<EventLog> events_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<StatusView> status_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t changes_ = 0;
};

}  // namespace test
