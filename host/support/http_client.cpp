#include "support/http_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>

#include "support/http_exchange.hpp"
#include "support/sync.hpp"

namespace host {

using Clock = std::chrono::steady_clock;

// Idle connections. Each slot is a multi handle with the one connection it keeps.
class CurlPool {
  public:
    explicit CurlPool(std::size_t maxIdle) : maxIdle_(maxIdle) {}

    // A slot that has a connection to `origin`, else a fresh one.
    std::unique_ptr<CurlSlot> take(const std::string& origin) IPL_EXCLUDES(mutex_) {
        std::deque<std::unique_ptr<CurlSlot>> old;  // closed without the lock
        std::unique_ptr<CurlSlot> found;
        {
            MutexLock lock(mutex_);
            const auto tooOld = Clock::now() - kMaxIdleAge;
            while (!idle_.empty() && idle_.front()->idleSince < tooOld) {
                old.push_back(std::move(idle_.front()));
                idle_.pop_front();
            }
            const auto match = std::find_if(idle_.rbegin(), idle_.rend(), [&](const auto& slot) {
                return slot->origin == origin;
            });
            if (match != idle_.rend()) {
                found = std::move(*match);
                idle_.erase(std::next(match).base());
            }
        }
        return found ? std::move(found) : std::make_unique<CurlSlot>(origin);
    }

    void give(std::unique_ptr<CurlSlot> slot) IPL_EXCLUDES(mutex_) {
        std::unique_ptr<CurlSlot> surplus;
        MutexLock lock(mutex_);
        slot->idleSince = Clock::now();
        idle_.push_back(std::move(slot));
        if (idle_.size() > maxIdle_) {
            surplus = std::move(idle_.front());
            idle_.pop_front();
        }
    }

  private:
    static constexpr std::chrono::seconds kMaxIdleAge{60};
    const std::size_t maxIdle_;
    Mutex mutex_;
    std::deque<std::unique_ptr<CurlSlot>> idle_ IPL_GUARDED_BY(mutex_);  // longest idle first
};

HttpClient::HttpClient(std::size_t maxIdle) : pool_(std::make_shared<CurlPool>(maxIdle)) {}

HttpClient::~HttpClient() = default;

HttpResult HttpClient::perform(const HttpRequest& request, const HttpSink& sink) {
    HttpExchange exchange(request, sink);
    if (!exchange.prepare()) return exchange.result();
    if (!request.reuse) {
        CurlSlot slot(exchange.origin());
        exchange.run(slot, true);
        return exchange.result();
    }
    auto slot = pool_->take(exchange.origin());
    exchange.run(*slot, false);
    if (exchange.wasStaleConnection()) exchange.run(*slot, true);
    HttpResult result = exchange.result();
    if (result.ok()) pool_->give(std::move(slot));
    return result;
}

HttpResponse HttpClient::fetch(const HttpRequest& request) {
    HttpResponse response;
    response.result = perform(request, {.onHeaders =
                                            [&](int, const HttpHeaders& headers) {
                                                response.headers = headers;
                                                return true;
                                            },
                                        .onBody =
                                            [&](std::string_view piece) {
                                                response.body.append(piece);
                                                return true;
                                            }});
    return response;
}

struct HttpStream::Parts {
    Parts(HttpRequest wanted, std::shared_ptr<CurlPool> from)
        : request(std::move(wanted)), exchange(request, sink), pool(std::move(from)) {}
    ~Parts() {
        if (slot && !exchange.ended()) exchange.abandon(*slot);
    }

    const HttpRequest request;
    HttpSink sink;
    HttpExchange exchange;
    const std::shared_ptr<CurlPool> pool;
    std::unique_ptr<CurlSlot> slot;
};

HttpStream::HttpStream(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {
    Parts& its = *parts_;
    if (its.exchange.prepare()) {
        its.slot = its.request.reuse ? its.pool->take(its.exchange.origin())
                                     : std::make_unique<CurlSlot>(its.exchange.origin());
        its.exchange.runToHead(*its.slot, !its.request.reuse);
        if (its.exchange.wasStaleConnection()) its.exchange.runToHead(*its.slot, true);
    }
    result_ = its.exchange.result();
    if (!its.exchange.ended()) result_.outcome = HttpOutcome::Ok;
}

HttpStream::~HttpStream() = default;

const HttpHeaders& HttpStream::headers() const {
    return parts_->exchange.headers();
}

HttpResult HttpStream::read(std::chrono::steady_clock::time_point deadline,
                            std::function<bool(std::string_view)> onBody) {
    Parts& its = *parts_;
    if (!result_.ok() || !its.slot) return result_;
    its.sink.onBody = std::move(onBody);
    its.exchange.resume(*its.slot, deadline);
    result_ = its.exchange.result();
    if (result_.ok() && its.request.reuse) its.pool->give(std::move(its.slot));
    return result_;
}

std::unique_ptr<HttpStream> HttpClient::open(HttpRequest request) {
    return std::unique_ptr<HttpStream>(
        new HttpStream(std::make_unique<HttpStream::Parts>(std::move(request), pool_)));
}

std::string_view HttpResponse::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (key == name) return value;
    }
    return {};
}

}  // namespace host
