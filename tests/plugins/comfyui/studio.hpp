// The plugin beside a simulated ComfyUI, whose requests are kept.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>

#include "common/backend_run.hpp"
#include "sim-comfyui/studio.hpp"

namespace test {

using ComfyUiRun = BackendRun<host::plugins::ImageBackend>;

struct Studio {
    explicit Studio(sim::StudioOptions options = {.seconds = 0.01})
        : studio(options),
          server(sim::keepAlive([this](sim::Connection& connection, const sim::Request& request) {
              {
                  std::lock_guard lock(mutex);
                  requests.push_back(request);
              }
              if (faulty && faulty(request)) return false;
              if (other && other(connection, request)) return true;
              changed.notify_all();
              bool more = studio.answer(connection, request);
              if (request.method == "POST" && request.target == "/prompt" && !queuedTold) {
                  queuedTold = true;
                  queued.set_value();
              }
              return more;
          })) {}
    int count(std::string_view method, std::string_view path) {
        const std::lock_guard lock(mutex);
        return counted(method, path);
    }
    // Until so many such requests were answered or are about to be; false after 15 s.
    bool awaitCount(std::string_view method, std::string_view path, int wanted) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::seconds(15),
                                [&] { return counted(method, path) >= wanted; });
    }
    int counted(std::string_view method, std::string_view path) const {
        return static_cast<int>(std::ranges::count_if(requests, [&](const auto& request) {
            return request.method == method && request.target.starts_with(path);
        }));
    }
    // The body of the first such POST.
    // Of the last one.
    std::string bodyOf(std::string_view path) {
        std::lock_guard lock(mutex);
        std::string body;
        for (const auto& request : requests)
            if (request.method == "POST" && request.target == path) body = request.body;
        return body;
    }

    sim::Studio studio;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<sim::Request> requests;
    std::atomic<bool> queuedTold{false};
    std::promise<void> queued;
    // Answers instead of the studio, when it says so.
    std::function<bool(sim::Connection&, const sim::Request&)> other;
    // Whether that request's connection is cut without an answer. Set before the first request.
    std::function<bool(const sim::Request&)> faulty;
    sim::Server server;
};

inline ComfyUiRun startPlugin(const Studio& studio) {
    return ComfyUiRun(IPL_PLUGIN_DIR "/comfyui.so", IPL_ROLE_IMAGE,
                      {{"url", studio.server.url()}, {"model", "model.safetensors"}});
}

inline host::plugins::ImageRequest request() {
    host::plugins::ImageRequest out;
    out.prompt = "a red cat";
    out.width = 64;
    out.height = 64;
    out.steps = 4;
    return out;
}

inline Outcome generate(ComfyUiRun& plugin, const std::string& job = "job1",
                        std::chrono::milliseconds time = std::chrono::seconds(20),
                        std::shared_ptr<host::plugins::Cancellation> cancellation = {}) {
    return plugin.run(
        [&](auto& backend, auto context) {
            context.jobId = job;
            return backend.generate(request(), context);
        },
        time, std::move(cancellation));
}

}  // namespace test
