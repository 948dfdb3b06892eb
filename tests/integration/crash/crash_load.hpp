// The mixed load of the crash tests: clients that order, cancel, retry, star and throw away,
// callers that wait for their pictures, and a page that follows the events. All go on across deaths
// of the host, and take note of what they were promised.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "integration/support/generator.hpp"

namespace test {

struct Load {
    // Marks that clients set on pictures; nothing: the last wish was not answered.
    using Marks = std::map<std::string, std::optional<bool>>;

    std::mutex mutex;
    std::condition_variable up;
    std::string url;  // empty while the host is down
    std::set<std::string> accepted;
    std::set<std::string> cancelled;  // a 200 for the cancel came
    std::set<std::string> cancelTried;
    Marks starred;
    Marks trashed;
    std::atomic<bool> over{false};
    // How often what the test is about came to pass: repeats of what had no answer, failed jobs
    // that were tried again.
    std::atomic<int> ordersRepeated{0};
    std::atomic<int> callsRepeated{0};
    std::atomic<int> retries{0};

    // Where the host is, once it is up again; empty when all is over.
    std::string where();
    void where(std::string now);
    bool isAt(const std::string& place);
    void end();
    void accept(const std::string& id);
};

// Submits, now and then repeats, cancels, retries, stars and throws away. Used by one thread.
class OrderingClient {
  public:
    // `targets`: what jobs name as their endpoints.
    OrderingClient(Load& load, unsigned seed, std::vector<host::Json> targets);
    void run();

  private:
    struct Order {
        bool form = false;
        host::Json request;
        std::string key;  // empty: not repeatable
        std::string id;
        bool cancelTried = false;
        bool unheard = false;  // no answer came to the last time it was sent
    };

    unsigned below(unsigned end) { return static_cast<unsigned>(random_() % end); }
    Order anyOrder();
    std::string send(const HttpClient& http, Order& order) const;
    void order(const HttpClient& http);
    void repeat(const HttpClient& http, Order& order);
    void cancel(const HttpClient& http, Order& order);
    void retry(const HttpClient& http, const Order& order);
    void mark(const HttpClient& http, const Order& order);

    Load& load_;
    const unsigned seed_;
    const std::vector<host::Json> targets_;
    std::mt19937 random_;
    unsigned orders_ = 0;
    std::optional<Order> unanswered_;
    std::vector<Order> mine_;
};

// POST /v1/images/generations again and again, each until it is answered.
void callForPictures(Load& load, unsigned seed, const std::vector<std::string>& models);

// Reads the events without a gap, however often the host dies. Used by one thread, but for told().
class EventFollower {
  public:
    // Goes on after the event `last`.
    EventFollower(Load& load, std::uint64_t last);
    ~EventFollower();
    EventFollower(const EventFollower&) = delete;
    EventFollower& operator=(const EventFollower&) = delete;

    // The pictures that it was told were drawn.
    std::set<std::string> told();
    int connections() const { return connections_; }

  private:
    void run();
    void take(std::uint64_t id, const std::string& type, const host::Json& data);

    Load& load_;
    std::uint64_t last_;
    std::mutex mutex_;
    std::set<std::string> told_;
    std::atomic<int> connections_{0};
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

}  // namespace test
