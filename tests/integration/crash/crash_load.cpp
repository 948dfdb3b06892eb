#include "integration/crash/crash_load.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/sse_client.hpp"

namespace test {

using host::Json;

std::string Load::where() {
    std::unique_lock lock(mutex);
    up.wait(lock, [this] { return !url.empty() || over; });
    return url;
}

void Load::where(std::string now) {
    const std::lock_guard lock(mutex);
    url = std::move(now);
    up.notify_all();
}

bool Load::isAt(const std::string& place) {
    const std::lock_guard lock(mutex);
    return url == place;
}

void Load::end() {
    const std::lock_guard lock(mutex);
    over = true;
    up.notify_all();
}

void Load::accept(const std::string& id) {
    const std::lock_guard lock(mutex);
    EXPECT_TRUE(accepted.insert(id).second) << "job " << id << " was given twice";
}

OrderingClient::OrderingClient(Load& load, unsigned seed, std::vector<Json> targets)
    : load_(load), seed_(seed), targets_(std::move(targets)), random_(seed) {}

void OrderingClient::run() {
    const std::string address = "127.0.0." + std::to_string(2 + seed_ % 100);
    while (!load_.over) {
        const std::string url = load_.where();
        if (url.empty()) return;
        HttpClient http(url, address);
        http.timeout = std::chrono::seconds(5);
        order(http);
        if (!mine_.empty()) {
            Order& some = mine_[below(static_cast<unsigned>(mine_.size()))];
            if (below(5) == 0) repeat(http, some);
            if (below(5) == 0) cancel(http, some);
            retry(http, some);
            if (below(2) == 0) mark(http, some);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20 + below(60)));
    }
}

OrderingClient::Order OrderingClient::anyOrder() {
    Order order;
    // Tells which order a job came from.
    const std::string name = std::to_string(seed_) + "-" + std::to_string(orders_++);
    order.request = {{"prompt", "order " + name},
                     {"count", 1 + below(3)},
                     {"priority", static_cast<int>(below(3)) - 1},
                     {"random", below(2) == 0},
                     {"endpoints", targets_[below(static_cast<unsigned>(targets_.size()))]}};
    if (below(3) != 0) order.key = name;
    order.form = below(3) == 0;
    if (order.form ? below(2) == 0 : below(4) == 0) order.request["image"] = tinyPng(100);
    return order;
}

std::string OrderingClient::send(const HttpClient& http, Order& order) const {
    Headers headers;
    if (!order.key.empty()) headers.emplace_back("Idempotency-Key", order.key);
    HttpAnswer answer;
    if (order.form) {
        Form form;
        for (const auto& [name, value] : order.request.items()) {
            if (name == "image") {
                form.file(name, "x.png", "image/png", value.get<std::string>());
            } else if (value.is_array()) {
                for (const Json& each : value)
                    form.field(name, each.get<std::string>());
            } else {
                form.field(name, value.is_string() ? value.get<std::string>() : value.dump());
            }
        }
        const Headers type = form.headers();
        headers.insert(headers.end(), type.begin(), type.end());
        answer = http.send("POST", "/api/v1/generate", headers, form.body());
    } else {
        Json request = order.request;
        if (request.contains("image"))
            request["image"] = base64(request["image"].get<std::string>());
        answer = http.post("/api/v1/generate", request, headers);
    }
    if (order.unheard) ++load_.ordersRepeated;
    order.unheard = answer.status == 0;
    if (answer.status == 200) return answer.json().value("job_id", "");
    // No whole answer, or no room.
    EXPECT_TRUE(answer.status == 0 || answer.status == 429 || answer.status == 503)
        << answer.status << " " << answer.body;
    return "";
}

void OrderingClient::order(const HttpClient& http) {
    Order order = unanswered_ ? *std::exchange(unanswered_, std::nullopt) : anyOrder();
    order.id = send(http, order);
    if (!order.id.empty()) {
        load_.accept(order.id);
        mine_.push_back(std::move(order));
    } else if (!order.key.empty()) {
        unanswered_ = std::move(order);
    }
}

void OrderingClient::repeat(const HttpClient& http, Order& order) {
    if (order.key.empty()) return;
    const std::string id = send(http, order);
    if (!id.empty()) EXPECT_EQ(id, order.id) << "another job on the same key";
}

void OrderingClient::cancel(const HttpClient& http, Order& order) {
    order.cancelTried = true;
    {
        const std::lock_guard lock(load_.mutex);
        load_.cancelTried.insert(order.id);
    }
    if (http.del("/api/v1/queue/" + order.id).status == 200) {
        const std::lock_guard lock(load_.mutex);
        load_.cancelled.insert(order.id);
    }
}

void OrderingClient::retry(const HttpClient& http, const Order& order) {
    if (order.cancelTried) return;
    const HttpAnswer answer = http.send("POST", "/api/v1/jobs/" + order.id + "/retry", {});
    // 400: nothing has failed.
    EXPECT_TRUE(answer.status == 200 || answer.status == 400 || answer.status == 0 ||
                answer.status == 429 || answer.status == 503)
        << answer.status << " " << answer.body;
    if (answer.status == 200) ++load_.retries;
}

void OrderingClient::mark(const HttpClient& http, const Order& order) {
    std::vector<std::string> names;
    for (const Json& image : imagesOf(statusOf(http, order.id))) {
        if (image.value("success", false)) names.push_back(image.value("filename", ""));
    }
    if (names.empty()) return;
    const std::string& name = names[below(static_cast<unsigned>(names.size()))];
    const std::string path = "/api/v1/gallery/" + name;
    const bool star = below(2) == 0;
    const bool wish = below(2) == 0;
    // Only this client has to do with its jobs' pictures: nobody wishes otherwise meanwhile.
    Load::Marks& marks = star ? load_.starred : load_.trashed;
    {
        const std::lock_guard lock(load_.mutex);
        marks[name].reset();
    }
    HttpAnswer answer;
    if (star) {
        answer = http.send(wish ? "PUT" : "DELETE", path + "/star", {});
    } else {
        answer = wish ? http.del(path) : http.send("POST", path + "/restore", {});
    }
    EXPECT_TRUE(answer.status == 200 || answer.status == 0 || answer.status == 503)
        << path << " " << answer.status << " " << answer.body;
    if (answer.status != 200) return;
    const std::lock_guard lock(load_.mutex);
    marks[name] = wish;
}

void callForPictures(Load& load, unsigned seed, const std::vector<std::string>& models) {
    for (unsigned n = 0; !load.over; ++n) {
        const std::string name = std::to_string(seed) + "-" + std::to_string(n);
        const Json body = {{"prompt", "call " + name}, {"model", models[n % models.size()]}};
        const Headers key = {{"Idempotency-Key", name}};
        int status = 0;
        bool unheard = false;
        while (status != 200 && !load.over) {
            const std::string url = load.where();
            if (url.empty()) return;
            HttpClient http(url);
            http.timeout = std::chrono::seconds(120);
            const HttpAnswer answer = http.post("/v1/images/generations", body, key);
            status = answer.status;
            EXPECT_TRUE(status == 200 || status == 0 || status == 429 || status == 503)
                << status << " " << answer.body;
            if (status == 200) {
                load.accept(answer.header("X-Job-ID"));
                if (unheard) ++load.callsRepeated;
            } else {
                unheard |= status == 0;
                std::this_thread::sleep_for(std::chrono::milliseconds(30));
            }
        }
    }
}

EventFollower::EventFollower(Load& load, std::uint64_t last)
    : load_(load), last_(last), thread_([this] { run(); }) {}

EventFollower::~EventFollower() {
    stop_ = true;
    thread_.join();
}

std::set<std::string> EventFollower::told() {
    const std::lock_guard lock(mutex_);
    return told_;
}

void EventFollower::run() {
    while (!stop_) {
        const std::string url = load_.where();
        if (url.empty()) return;
        SseClient stream(url, "/api/v1/events", {{"Last-Event-ID", std::to_string(last_)}});
        if (stream.status() != 200) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            continue;
        }
        ++connections_;
        while (!stop_) {
            if (const auto event = stream.next(std::chrono::milliseconds(200))) {
                take(event->id, event->type, event->data);
            } else if (stream.ended() || !load_.isAt(url)) {
                break;
            }
        }
    }
}

void EventFollower::take(std::uint64_t id, const std::string& type, const Json& data) {
    EXPECT_NE(type, "reset");
    // Progress passes by, under the id of what came before it.
    const bool kept = !data.contains("progress");
    EXPECT_TRUE(kept ? id > last_ : id >= last_) << id << " after " << last_ << " " << data.dump();
    last_ = id;
    if (type != "image" || !data.contains("filename")) return;
    for (const char* const change : {"starred", "trashed", "found", "removed"}) {
        if (data.contains(change)) return;
    }
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(told_.insert(data["filename"]).second) << "told twice: " << data.dump();
}

}  // namespace test
