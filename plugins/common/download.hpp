// A finished picture on its way from the backend to the host, in pieces. Thread-safe; blocks until
// it is there.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "ipl/call.hpp"
#include "ipl/http.hpp"

namespace upstream {

// The Error for an answer that is no success; its message goes into that of the download's.
using RefusalOf = std::function<ipl::Error(int status, std::string_view body)>;

// `get` with its url and headers, at most 256 MiB, at most 30 s without a byte: streams the answer
// into a picture and commits it. `info`: what is known of it; its mime and size come from the
// answer. Throws kBadOutput when it is refused or empty, and what the exchange itself fails with.
void download(const ipl::HttpClient& http, ipl::Call& call, ipl::HttpRequest get,
              ipl::PictureInfo info, const RefusalOf& refusal);

}  // namespace upstream
