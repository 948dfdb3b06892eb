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
class HttpClient::Pool {
  public:
    explicit Pool(std::size_t maxIdle) : maxIdle_(maxIdle) {}

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

HttpClient::HttpClient(std::size_t maxIdle) : pool_(std::make_unique<Pool>(maxIdle)) {}

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

std::string_view HttpResponse::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (key == name) return value;
    }
    return {};
}

}  // namespace host
