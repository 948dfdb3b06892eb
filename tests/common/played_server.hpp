// A real HTTP server played from recordings of tests/data, with what a test lays over them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/recording.hpp"
#include "sim-common/server.hpp"

namespace test {

class PlayedServer {
  public:
    using Answer = std::function<bool(sim::Connection&, const sim::Request&)>;

    // folder: below tests/data.
    explicit PlayedServer(std::string folder) : folder_(std::move(folder)) {}

    // route: "METHOD /path" without the query; "" = everything else.
    void play(const std::string& route, const std::string& recording) {
        const Recording answer = recorded(recording);
        on(route, [answer](sim::Connection& connection, const sim::Request&) {
            return connection.send(answer.answer()) && !answer.closes;
        });
    }
    void on(const std::string& route, Answer answer) {
        const std::lock_guard lock(mutex_);
        routes_[route] = std::move(answer);
    }

    Recording recorded(const std::string& recording) const {
        return readRecording(IPL_TEST_DATA, folder_ + "/" + recording);
    }

    std::string url() const { return server_.url(); }
    std::vector<sim::Request> requests() {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
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

}  // namespace test
