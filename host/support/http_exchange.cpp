#include "support/http_exchange.hpp"

#include <poll.h>

#include <algorithm>
#include <stdexcept>

#include "support/curl_failure.hpp"
#include "support/curl_trust.hpp"
#include "support/http_url.hpp"
#include "support/text.hpp"

namespace host {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMaxHeaderBytes = 64 * 1024;  // of a request
constexpr std::size_t kMaxRequestHeaders = 100;

}  // namespace

std::string httpOrigin(const std::string& url) {
    const HttpUrl parts = parseHttpUrl(url);
    return parts.host.empty() ? std::string() : parts.where();
}

CurlSlot::CurlSlot(std::string to) : origin(std::move(to)) {
    initialiseCurl();
    multi = curl_multi_init();
    easy = multi != nullptr ? curl_easy_init() : nullptr;
    if (easy == nullptr) {
        curl_multi_cleanup(multi);
        throw std::runtime_error("libcurl cannot be initialised");
    }
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 1L);
}

CurlSlot::~CurlSlot() {
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
}

HttpExchange::HttpExchange(const HttpRequest& request, const HttpSink& sink)
    : request_(request), sink_(sink) {}

HttpExchange::~HttpExchange() {
    curl_slist_free_all(headerList_);
}

void HttpExchange::end(HttpOutcome outcome, std::string message) {
    if (ended_) return;
    ended_ = true;
    result_.outcome = outcome;
    result_.message = std::move(message);
}

bool HttpExchange::prepare() {
    const HttpUrl url = parseHttpUrl(request_.url);
    if (url.host.empty()) {
        end(HttpOutcome::Invalid, "This is not an http:// or https:// URL with a host in it.");
        return false;
    }
    where_ = url.where();
    origin_ = url.scheme + "://" + url.user + ":" + url.password + "@" + where_;
    if (!isHttpToken(request_.method)) {
        end(HttpOutcome::Invalid, "The HTTP method for " + where_ + " is not a word.");
        return false;
    }
    if (isCancelled()) {
        end(HttpOutcome::Cancelled, "The request to " + where_ + " was cancelled.");
        return false;
    }
    return addHeaders();
}

bool HttpExchange::addHeaders() {
    const auto add = [this](const std::string& line) {
        curl_slist* list = curl_slist_append(headerList_, line.c_str());
        if (list == nullptr) throw std::bad_alloc();
        headerList_ = list;
    };
    bool hasType = false;
    bool hasAccept = false;
    std::size_t bytes = 0;
    for (const auto& [name, value] : request_.headers) {
        bytes += name.size() + value.size();
        if (!isHttpToken(name) || !isHttpFieldValue(value) ||
            request_.headers.size() > kMaxRequestHeaders || bytes > kMaxHeaderBytes) {
            end(HttpOutcome::Invalid,
                "A header of the request to " + where_ + " is malformed, or there are too many.");
            return false;
        }
        const std::string key = toLower(name);
        if (key == "content-length" || key == "transfer-encoding" || key == "expect") continue;
        hasType = hasType || key == "content-type";
        hasAccept = hasAccept || key == "accept";
        add(trim(value).empty() ? name + ";" : name + ": " + value);
    }
    add("Expect:");
    if (!hasType) add("Content-Type:");
    if (!hasAccept) add("Accept: */*");
    return true;
}

void HttpExchange::setOptions(CurlSlot& slot, bool freshConnection) {
    CURL* easy = slot.easy;
    curl_easy_reset(easy);
    curl_easy_setopt(easy, CURLOPT_URL, request_.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a cancel does not wait for a slow resolver
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 64L * 1024);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(std::max<std::int64_t>(1, request_.connectTimeout.count())));
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, freshConnection ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, request_.reuse ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headerList_);
    trustAuthorities(easy);
    const bool hasBody = !request_.body.empty() || request_.method == "POST" ||
                         request_.method == "PUT" || request_.method == "PATCH";
    if (request_.method == "HEAD") {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else {
        if (hasBody) {
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                             static_cast<curl_off_t>(request_.body.size()));
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                             request_.body.empty() ? "" : request_.body.data());
        }
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    }
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &HttpExchange::onHeader);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &HttpExchange::onBody);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
}

void HttpExchange::begin(CurlSlot& slot, bool freshConnection) {
    result_ = {};
    ended_ = false;
    stale_ = false;
    deadline_ = request_.deadline;
    setOptions(slot, freshConnection);
    curl_multi_add_handle(slot.multi, slot.easy);
    drive(slot);
}

void HttpExchange::run(CurlSlot& slot, bool freshConnection) {
    begin(slot, freshConnection);
    abandon(slot);
}

void HttpExchange::runToHead(CurlSlot& slot, bool freshConnection) {
    holdBody_ = true;
    begin(slot, freshConnection);
    if (ended_) abandon(slot);
}

void HttpExchange::resume(CurlSlot& slot, Clock::time_point deadline) {
    if (ended_) return;
    holdBody_ = false;
    deadline_ = deadline;
    lastByte_ = Clock::now();
    curl_easy_pause(slot.easy, CURLPAUSE_CONT);
    drive(slot);
    abandon(slot);
}

void HttpExchange::abandon(CurlSlot& slot) {
    curl_multi_remove_handle(slot.multi, slot.easy);  // closes a connection that is not done
}

void HttpExchange::drive(CurlSlot& slot) {
    while (!ended_) {
        int running = 0;
        if (curl_multi_perform(slot.multi, &running) != CURLM_OK) {
            end(HttpOutcome::Unavailable, "The request to " + where_ + " failed inside libcurl.");
            return;
        }
        if (running == 0) {
            int left = 0;
            const CURLMsg* message = curl_multi_info_read(slot.multi, &left);
            judge(message != nullptr ? message->data.result : CURLE_FAILED_INIT, slot.easy);
            return;
        }
        if (ended_ || (holdBody_ && head_.isWhole())) return;
        const auto now = Clock::now();
        if (isCancelled()) {
            end(HttpOutcome::Cancelled, "The request to " + where_ + " was cancelled.");
            return;
        }
        auto until = deadline_;
        const bool idleCounts = head_.bytes() > 0 && request_.idleTimeout.count() > 0;
        if (idleCounts) until = std::min(until, lastByte_ + request_.idleTimeout);
        if (now >= until) {
            end(HttpOutcome::Timeout,
                now >= deadline_
                    ? where_ +
                          " did not answer in time. Is it overloaded, or the timeout too short?"
                    : where_ + " stopped sending in the middle of its answer.");
            return;
        }
        // Without a descriptor to wake it up, a cancel is looked for often.
        auto wait = std::chrono::ceil<milliseconds>(until - now);
        if (request_.cancelFd < 0 && request_.cancelled) wait = std::min(wait, request_.cancelLook);
        wait = std::min(wait, milliseconds(1000));
        curl_waitfd extra{request_.cancelFd, CURL_WAIT_POLLIN, 0};
        curl_multi_poll(slot.multi, &extra, request_.cancelFd >= 0 ? 1 : 0,
                        static_cast<int>(wait.count()), nullptr);
    }
}

bool HttpExchange::isCancelled() const {
    if (request_.cancelled && request_.cancelled()) return true;
    if (request_.cancelFd < 0) return false;
    pollfd look{request_.cancelFd, POLLIN, 0};
    return ::poll(&look, 1, 0) > 0 && (look.revents & POLLIN) != 0;
}

std::size_t HttpExchange::onHeader(char* data, std::size_t size, std::size_t count, void* self) {
    auto& exchange = *static_cast<HttpExchange*>(self);
    return exchange.takeHeaderLine({data, size * count}) ? size * count : 0;
}

std::size_t HttpExchange::onBody(char* data, std::size_t size, std::size_t count, void* self) {
    auto& exchange = *static_cast<HttpExchange*>(self);
    if (exchange.holdBody_) return CURL_WRITEFUNC_PAUSE;
    return exchange.takeBody({data, size * count}) ? size * count : ~std::size_t{0};
}

bool HttpExchange::takeHeaderLine(std::string_view line) {
    lastByte_ = Clock::now();
    const bool wasWhole = head_.isWhole();
    const HttpAnswerHead::State state = head_.take(line);
    result_.status = head_.status();
    if (state == HttpAnswerHead::State::TooLarge) {
        end(HttpOutcome::TooLarge, where_ + " sends endless headers. Is this the right server?");
        return false;
    }
    return wasWhole || !head_.isWhole() || endOfHeaders();
}

bool HttpExchange::endOfHeaders() {
    if (request_.method != "HEAD" && head_.announcesMoreThan(request_.maxResponseBytes)) {
        end(HttpOutcome::TooLarge, "The answer of " + where_ + " is over the allowed " +
                                       std::to_string(request_.maxResponseBytes) + " bytes.");
        return false;
    }
    if (sink_.onHeaders && !sink_.onHeaders(result_.status, head_.headers())) {
        end(HttpOutcome::Stopped, "The answer of " + where_ + " was not wanted any further.");
        return false;
    }
    return true;
}

bool HttpExchange::takeBody(std::string_view piece) {
    lastByte_ = Clock::now();
    bodyBytes_ += piece.size();
    if (bodyBytes_ > request_.maxResponseBytes) {
        end(HttpOutcome::TooLarge, "The answer of " + where_ + " is over the allowed " +
                                       std::to_string(request_.maxResponseBytes) + " bytes.");
        return false;
    }
    if (sink_.onBody && !sink_.onBody(piece)) {
        end(HttpOutcome::Stopped, "The answer of " + where_ + " was not wanted any further.");
        return false;
    }
    return true;
}

void HttpExchange::judge(CURLcode code, CURL* easy) {
    long connects = 1;
    curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
    result_.reusedConnection = connects == 0;
    if (ended_) return;
    if (code == CURLE_OK) {
        if (head_.isWhole()) return end(HttpOutcome::Ok, "");
        return end(HttpOutcome::Unavailable, where_ + " sent no whole HTTP answer.");
    }
    if (code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR) {
        stale_ = result_.reusedConnection && head_.bytes() == 0;
    }
    const HttpResult failed = curlFailure(code, easy, where_, request_.connectTimeout);
    end(failed.outcome, failed.message);
}

}  // namespace host
