#include "support/http_exchange.hpp"

#include <poll.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>

#include "support/text.hpp"

namespace host {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMaxHeaderBytes = 64 * 1024;
constexpr std::size_t kMaxRequestHeaders = 100;
constexpr std::size_t kMaxUrl = 8 * 1024;

struct Url {
    std::string scheme, user, host, port;
};

std::string urlPart(CURLU* url, CURLUPart part, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
    std::string copy = text;
    curl_free(text);
    return copy;
}

// Empty host when it is no http or https URL.
Url parseUrl(const std::string& text) {
    Url parts;
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) > ' ' && c != 0x7f;
    });
    if (!plain || text.size() > kMaxUrl) return parts;
    CURLU* url = curl_url();
    if (url == nullptr) return parts;
    if (curl_url_set(url, CURLUPART_URL, text.c_str(), 0) == CURLUE_OK) {
        parts.scheme = urlPart(url, CURLUPART_SCHEME);
        if (parts.scheme == "http" || parts.scheme == "https") {
            parts.host = urlPart(url, CURLUPART_HOST);
            parts.port = urlPart(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
            parts.user = urlPart(url, CURLUPART_USER) + ":" + urlPart(url, CURLUPART_PASSWORD);
        }
    }
    curl_url_cleanup(url);
    return parts;
}

bool isToken(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
    });
}

// The status of "HTTP/1.1 200 OK", or 0.
int statusOf(std::string_view line) {
    const std::size_t space = line.find(' ');
    int status = 0;
    if (!line.starts_with("HTTP/") || space == std::string_view::npos) return 0;
    line.remove_prefix(space + 1);
    std::from_chars(line.data(), line.data() + std::min<std::size_t>(3, line.size()), status);
    return status;
}

}  // namespace

std::string httpOrigin(const std::string& url) {
    const Url parts = parseUrl(url);
    return parts.host.empty() ? std::string() : parts.host + ":" + parts.port;
}

CurlSlot::CurlSlot(std::string to) : origin(std::move(to)) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    multi = ready == CURLE_OK ? curl_multi_init() : nullptr;
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
    const Url url = parseUrl(request_.url);
    if (url.host.empty()) {
        end(HttpOutcome::Invalid, "This is not an http:// or https:// URL with a host in it.");
        return false;
    }
    where_ = url.host + ":" + url.port;
    origin_ = url.scheme + "://" + url.user + "@" + where_;
    if (!isToken(request_.method)) {
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
        const bool broken = value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
        bytes += name.size() + value.size();
        if (!isToken(name) || broken || request_.headers.size() > kMaxRequestHeaders ||
            bytes > kMaxHeaderBytes) {
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
        if (ended_ || (holdBody_ && headersDone_)) return;
        const auto now = Clock::now();
        if (isCancelled()) {
            end(HttpOutcome::Cancelled, "The request to " + where_ + " was cancelled.");
            return;
        }
        auto until = deadline_;
        const bool idleCounts = headerBytes_ > 0 && request_.idleTimeout.count() > 0;
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
    headerBytes_ += line.size();
    if (headerBytes_ > kMaxHeaderBytes) {
        end(HttpOutcome::TooLarge, where_ + " sends endless headers. Is this the right server?");
        return false;
    }
    if (headersDone_) return true;  // trailers
    const std::string_view text = trim(line);
    if (text.empty()) return endOfHeaders();
    if (const int status = statusOf(text); status != 0) {
        result_.status = status;
        headers_.clear();
        return true;
    }
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos) {
        headers_.emplace_back(toLower(trim(text.substr(0, colon))), trim(text.substr(colon + 1)));
    }
    return true;
}

bool HttpExchange::endOfHeaders() {
    if (result_.status < 200) return true;  // an interim answer; the real one follows
    headersDone_ = true;
    for (const auto& [name, value] : headers_) {
        if (name != "content-length" || request_.method == "HEAD") continue;
        std::uint64_t length = 0;
        const auto parsed = std::from_chars(value.data(), value.data() + value.size(), length);
        const bool huge = parsed.ec == std::errc::result_out_of_range;
        if (huge || (parsed.ec == std::errc() && length > request_.maxResponseBytes)) {
            end(HttpOutcome::TooLarge, "The answer of " + where_ + " is over the allowed " +
                                           std::to_string(request_.maxResponseBytes) + " bytes.");
            return false;
        }
    }
    if (sink_.onHeaders && !sink_.onHeaders(result_.status, headers_)) {
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
    long systemError = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &systemError);
    const std::string reason =
        systemError != 0 ? std::strerror(static_cast<int>(systemError)) : curl_easy_strerror(code);
    switch (code) {
        case CURLE_OK:
            if (headersDone_) return end(HttpOutcome::Ok, "");
            return end(HttpOutcome::Unavailable, where_ + " sent no whole HTTP answer.");
        case CURLE_COULDNT_RESOLVE_HOST:
            return end(HttpOutcome::Unavailable,
                       "The name in " + where_ +
                           " cannot be found. Is it spelled right, and is "
                           "the network up?");
        case CURLE_COULDNT_CONNECT:
            return end(HttpOutcome::Unavailable,
                       "Cannot connect to " + where_ + " (" + reason +
                           "). Is the server running, and are address and port right?");
        case CURLE_OPERATION_TIMEDOUT:
            return end(HttpOutcome::Unavailable,
                       "No connection to " + where_ + " within " +
                           std::to_string(request_.connectTimeout.count()) +
                           " ms. Is the machine on, and does a firewall stand in the way?");
        case CURLE_PARTIAL_FILE:
            return end(HttpOutcome::Unavailable,
                       where_ + " closed the connection in the middle of its answer.");
        case CURLE_GOT_NOTHING:
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
            stale_ = result_.reusedConnection && headerBytes_ == 0;
            return end(HttpOutcome::Unavailable,
                       where_ + " closed the connection without an answer (" + reason + ").");
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_WEIRD_SERVER_REPLY:
            return end(HttpOutcome::Unavailable,
                       where_ + " does not speak HTTP. Are address and port right?");
        case CURLE_OUT_OF_MEMORY:  // what libcurl says of a header line without end
            return end(HttpOutcome::TooLarge,
                       where_ + " sends endless headers. Is this the right server?");
        case CURLE_URL_MALFORMAT:
            return end(HttpOutcome::Invalid, "The request to " + where_ + " cannot be sent (" +
                                                 curl_easy_strerror(code) + ").");
        default:
            return end(HttpOutcome::Unavailable, "The exchange with " + where_ + " failed (" +
                                                     curl_easy_strerror(code) + ").");
    }
}

}  // namespace host
