// A server of the family played from recordings, with what a test lays over them.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "common/backend_run.hpp"
#include "common/recording.hpp"
#include "sim-common/server.hpp"

namespace test {

using A1111Plugin = BackendRun<plugins::ImageBackend>;

class Family {
  public:
    using Answer = std::function<bool(sim::Connection&, const sim::Request&)>;

    // Forge's HTTP layer, or "sd-server". What has no route is answered as that server does.
    explicit Family(const std::string& folder = "forge-http-layer") : folder_(folder) {
        if (folder == "forge-http-layer") {
            play("GET /sdapi/v1/samplers", "samplers");
            play("GET /sdapi/v1/sd-models", "sd_models");
            play("GET /sdapi/v1/progress", "progress_idle");
            play("POST /internal/progress", "internal_progress_unknown");
            play("POST /sdapi/v1/interrupt", "interrupt_idle");
            play("POST /sdapi/v1/txt2img", "txt2img_ok");
            play("POST /sdapi/v1/img2img", "img2img_ok");
            play("", "not_found");
        } else {
            play("GET /sdapi/v1/samplers", "samplers");
            play("GET /sdapi/v1/sd-models", "sd_models");
            play("", "progress_404");
        }
    }

    // route: "METHOD /path" without the query; "" = everything else.
    void play(const std::string& route, const std::string& recording) {
        const Recording answer = readRecording(IPL_TEST_DATA, folder_ + "/" + recording);
        on(route, [answer](sim::Connection& connection, const sim::Request&) {
            return connection.reply(answer.status, "application/json", answer.body());
        });
    }
    void on(const std::string& route, Answer answer) {
        const std::lock_guard lock(mutex_);
        routes_[route] = std::move(answer);
    }

    std::string url() const { return server_.url(); }
    std::vector<sim::Request> requests(const std::string& route) {
        const std::lock_guard lock(mutex_);
        std::vector<sim::Request> found;
        for (const sim::Request& each : requests_) {
            if (routeOf(each) == route) found.push_back(each);
        }
        return found;
    }
    bool waitFor(const std::string& route, std::size_t times = 1) {
        std::unique_lock lock(mutex_);
        return heard_.wait_for(lock, std::chrono::seconds(20), [&] {
            std::size_t count = 0;
            for (const sim::Request& each : requests_)
                count += routeOf(each) == route ? 1 : 0;
            return count >= times;
        });
    }

  private:
    static std::string routeOf(const sim::Request& request) {
        return request.method + " " + request.target.substr(0, request.target.find('?'));
    }
    bool answer(sim::Connection& connection, const sim::Request& request) {
        Answer chosen;
        {
            const std::lock_guard lock(mutex_);
            requests_.push_back(request);
            const auto found = routes_.find(routeOf(request));
            chosen = found != routes_.end() ? found->second : routes_.at("");
        }
        heard_.notify_all();
        return chosen(connection, request);
    }

    const std::string folder_;
    std::mutex mutex_;
    std::condition_variable heard_;
    std::map<std::string, Answer> routes_;
    std::vector<sim::Request> requests_;
    sim::Server server_{
        sim::keepAlive([this](sim::Connection& connection, const sim::Request& request) {
            return answer(connection, request);
        })};
};

inline host::plugins::ImageRequest a1111Request() {
    host::plugins::ImageRequest request;
    request.prompt = "a red cat";
    request.negativePrompt = "blur";
    request.orientation = "square";
    request.sizeClass = "0.5mp";
    request.width = 704;
    request.height = 704;
    request.steps = 3;
    request.seed = 7;
    request.guidanceScale = 7;
    return request;
}

inline A1111Plugin startA1111(const Family& server, host::Json settings = host::Json::object()) {
    settings["url"] = server.url();
    return {IPL_PLUGIN_DIR "/a1111.so", IPL_ROLE_IMAGE, std::move(settings)};
}

inline Outcome drawWith(A1111Plugin& plugin,
                        const host::plugins::ImageRequest& request = a1111Request(),
                        std::chrono::milliseconds time = std::chrono::seconds(20),
                        std::shared_ptr<plugins::Cancellation> cancellation = {}) {
    return plugin.run(
        [&](auto& backend, const auto& context) { return backend.generate(request, context); },
        time, std::move(cancellation));
}

}  // namespace test
