#include "support/curl_failure.hpp"

#include <cstring>
#include <stdexcept>

namespace host {

HttpResult curlFailure(CURLcode code, CURL* easy, const std::string& where,
                       std::chrono::milliseconds connectTimeout) {
    const auto failure = [](HttpOutcome outcome, std::string message) {
        HttpResult result;
        result.outcome = outcome;
        result.message = std::move(message);
        return result;
    };
    long systemError = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &systemError);
    const std::string reason =
        systemError != 0 ? std::strerror(static_cast<int>(systemError)) : curl_easy_strerror(code);
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return failure(HttpOutcome::Unavailable,
                           "The name in " + where +
                               " cannot be found. Is it spelled right, and is the network up?");
        case CURLE_COULDNT_CONNECT:
            return failure(HttpOutcome::Unavailable,
                           "Cannot connect to " + where + " (" + reason +
                               "). Is the server running, and are address and port right?");
        case CURLE_OPERATION_TIMEDOUT:
            return failure(HttpOutcome::Unavailable,
                           "No connection to " + where + " within " +
                               std::to_string(connectTimeout.count()) +
                               " ms. Is the machine on, and does a firewall stand in the way?");
        case CURLE_PARTIAL_FILE:
            return failure(HttpOutcome::Unavailable,
                           where + " closed the connection in the middle of its answer.");
        case CURLE_GOT_NOTHING:
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
            return failure(HttpOutcome::Unavailable,
                           where + " closed the connection without an answer (" + reason + ").");
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_WEIRD_SERVER_REPLY:
            return failure(HttpOutcome::Unavailable,
                           where + " does not speak HTTP. Are address and port right?");
        case CURLE_OUT_OF_MEMORY:  // what libcurl says of a header line without end
            return failure(HttpOutcome::TooLarge,
                           where + " sends endless headers. Is this the right server?");
        case CURLE_URL_MALFORMAT:
            return failure(HttpOutcome::Invalid, "The request to " + where + " cannot be sent (" +
                                                     curl_easy_strerror(code) + ").");
        default:
            return failure(HttpOutcome::Unavailable, "The exchange with " + where + " failed (" +
                                                         curl_easy_strerror(code) + ").");
    }
}

void initialiseCurl() {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (ready != CURLE_OK) throw std::runtime_error("libcurl cannot be initialised");
}

}  // namespace host
