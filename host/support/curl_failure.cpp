#include "support/curl_failure.hpp"

#include <cstring>
#include <stdexcept>

namespace host {

namespace {

// OpenSSL's X509_V_* codes; only libcurl is linked here.
constexpr long kCertificateOk = 0;
constexpr long kNotJudged = 1;
constexpr long kNotYetValid = 9;
constexpr long kExpired = 10;

// libcurl compares the names itself, once OpenSSL has found the certificate good and before it asks
// OpenSSL again.
std::string certificateFault(long verified, const std::string& where) {
    switch (verified) {
        case kCertificateOk:
        case kNotJudged:
            return "The certificate of " + where +
                   " is for another name. Use the name that it was made for as the host.";
        case kNotYetValid:
        case kExpired:
            return "The certificate of " + where +
                   (verified == kExpired ? " has expired." : " is not valid yet.") +
                   " Is this machine's clock right?";
        default:
            return "The certificate of " + where +
                   " is of no authority that is trusted here. If it is one of your own, install "
                   "its certificate, or name it in SSL_CERT_FILE.";
    }
}

}  // namespace

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
        case CURLE_PEER_FAILED_VERIFICATION: {
            long verified = kCertificateOk;
            curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verified);
            return failure(HttpOutcome::Unavailable, certificateFault(verified, where));
        }
        case CURLE_SSL_CACERT_BADFILE:
            return failure(HttpOutcome::Unavailable,
                           "The certificates of the trusted authorities cannot be read, so " +
                               where + " cannot be trusted. Is SSL_CERT_FILE right?");
        case CURLE_SSL_CONNECT_ERROR:
            return failure(HttpOutcome::Unavailable,
                           where +
                               " does not speak TLS as it should. Is it http instead of "
                               "https (ws instead of wss)?");
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
