#include "support/curl_trust.hpp"

#include <cstdlib>

namespace host {

namespace {

void setFrom(CURL* easy, CURLoption option, const char* variable) {
    const char* path = std::getenv(variable);
    if (path != nullptr && *path != '\0') curl_easy_setopt(easy, option, path);
}

}  // namespace

void trustAuthorities(CURL* easy) {
    setFrom(easy, CURLOPT_CAINFO, "SSL_CERT_FILE");
    setFrom(easy, CURLOPT_CAPATH, "SSL_CERT_DIR");
}

}  // namespace host
