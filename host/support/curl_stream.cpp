#include "support/curl_stream.hpp"

#include <poll.h>

#include <algorithm>
#include <stdexcept>

#include "support/curl_failure.hpp"
#include "support/curl_trust.hpp"

namespace host {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{20};  // for a cancel that has no descriptor to wake us
constexpr milliseconds kLongestWait{1000};

HttpResult resultOf(HttpOutcome outcome, std::string message = {}) {
    HttpResult result;
    result.outcome = outcome;
    result.message = std::move(message);
    return result;
}

}  // namespace

bool CancelLook::isCancelled() const {
    if (cancelled && cancelled()) return true;
    if (fd < 0) return false;
    pollfd look{fd, POLLIN, 0};
    return ::poll(&look, 1, 0) > 0 && (look.revents & POLLIN) != 0;
}

CurlStream::CurlStream(CancelLook cancel) : cancel_(std::move(cancel)) {
    initialiseCurl();
    multi_ = curl_multi_init();
    easy_ = multi_ != nullptr ? curl_easy_init() : nullptr;
    if (easy_ == nullptr) {
        curl_multi_cleanup(multi_);
        throw std::runtime_error("libcurl cannot be initialised");
    }
}

CurlStream::~CurlStream() {
    curl_multi_remove_handle(multi_, easy_);
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
}

HttpResult CurlStream::connect(const std::string& url, const std::string& where,
                               Clock::time_point until, milliseconds connectTimeout) {
    curl_easy_setopt(easy_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy_, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy_, CURLOPT_PROXY, "");
    curl_easy_setopt(easy_, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy_, CURLOPT_SSL_ENABLE_ALPN, 0L);  // no HTTP/2: the bytes are ours
    curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy_, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy_, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(std::max<std::int64_t>(1, connectTimeout.count())));
    trustAuthorities(easy_);
    curl_multi_add_handle(multi_, easy_);
    for (;;) {
        int running = 0;
        if (curl_multi_perform(multi_, &running) != CURLM_OK) {
            return resultOf(HttpOutcome::Unavailable,
                            "The connection to " + where + " failed inside libcurl.");
        }
        if (running == 0) break;
        if (cancel_.isCancelled()) {
            return resultOf(HttpOutcome::Cancelled,
                            "The connection to " + where + " was cancelled.");
        }
        const auto now = Clock::now();
        if (now >= until) {
            return resultOf(HttpOutcome::Timeout, "No connection to " + where + " in time.");
        }
        auto wait = std::min(std::chrono::ceil<milliseconds>(until - now), kLongestWait);
        if (cancel_.fd < 0 && cancel_.cancelled) wait = std::min(wait, kLook);
        curl_waitfd extra{cancel_.fd, CURL_WAIT_POLLIN, 0};
        curl_multi_poll(multi_, &extra, cancel_.fd >= 0 ? 1 : 0, static_cast<int>(wait.count()),
                        nullptr);
    }
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi_, &left);
    const CURLcode code = message != nullptr ? message->data.result : CURLE_FAILED_INIT;
    if (code != CURLE_OK) return curlFailure(code, easy_, where, connectTimeout);
    curl_easy_getinfo(easy_, CURLINFO_ACTIVESOCKET, &socket_);
    if (socket_ == CURL_SOCKET_BAD) {
        return resultOf(HttpOutcome::Unavailable, "The connection to " + where + " was lost.");
    }
    return resultOf(HttpOutcome::Ok);
}

CurlStream::Io CurlStream::read(char* to, std::size_t size, std::size_t& got) {
    got = 0;
    const CURLcode code = curl_easy_recv(easy_, to, size, &got);
    if (code == CURLE_AGAIN) return Io::Again;
    return code == CURLE_OK && got > 0 ? Io::Done : Io::Lost;
}

CurlStream::Io CurlStream::write(std::string_view bytes, std::size_t& sent) {
    sent = 0;
    const CURLcode code = curl_easy_send(easy_, bytes.data(), bytes.size(), &sent);
    if (code == CURLE_AGAIN) return Io::Again;
    return code == CURLE_OK ? Io::Done : Io::Lost;
}

CurlStream::Wait CurlStream::wait(bool forWriting, Clock::time_point until) const {
    if (cancel_.isCancelled()) return Wait::Cancelled;
    const auto now = Clock::now();
    if (now >= until) return Wait::TimeUp;
    auto time = std::min(std::chrono::ceil<milliseconds>(until - now), kLongestWait);
    if (cancel_.fd < 0 && cancel_.cancelled) time = std::min(time, kLook);
    const short wanted = static_cast<short>(forWriting ? POLLIN | POLLOUT : POLLIN);
    pollfd fds[] = {{socket_, wanted, 0}, {cancel_.fd, POLLIN, 0}};
    ::poll(fds, cancel_.fd >= 0 ? 2 : 1, static_cast<int>(time.count()));
    return cancel_.isCancelled() ? Wait::Cancelled : Wait::Ready;
}

}  // namespace host
