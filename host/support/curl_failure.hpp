// What a failure inside libcurl means for the exchange, in words for people. Thread-safe.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <string>

#include "support/http_client.hpp"

namespace host {

// `easy` has just ended with `code`, which is not CURLE_OK; `where` is host:port.
HttpResult curlFailure(CURLcode code, CURL* easy, const std::string& where,
                       std::chrono::milliseconds connectTimeout);

// curl_global_init, once per process; throws std::runtime_error when it fails.
void initialiseCurl();

}  // namespace host
