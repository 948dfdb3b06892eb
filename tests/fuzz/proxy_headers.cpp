// What a proxy passes on of a request, and of an answer made of the same fields.
#include "services/common/proxy_headers.hpp"
#include "fuzz.hpp"
#include "request_head.hpp"
#include "services/common/links.hpp"
#include "support/text.hpp"

using namespace host;
using fuzz::check;

namespace {

void checkPassed(const std::string& name) {
    for (const char* never : {"connection", "transfer-encoding", "upgrade", "host", "cookie"})
        check(!iequals(name, never), "what concerns one connection or this host stays here");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = fuzz::requestOf(data, size);
    if (!parsed) return 0;
    const http::Request& request = *parsed;
    const services::HeaderRules foreign{false, "", "theirs", {"secret"}};
    for (const auto& [name, value] : services::upstreamHeaders(request, foreign)) {
        checkPassed(name);
        check(value.find("secret") == value.npos, "a key of this host stays here");
    }
    HttpHeaders answer;
    for (const auto& [name, value] : request.headers)
        answer.emplace_back(toLower(name), value);
    for (const auto& [name, value] : services::downstreamHead(answer, foreign).headers)
        check(!iequals(name, "set-cookie") && !iequals(name, "transfer-encoding"),
              "a foreign server sets no cookie here");
    const std::string url = services::asSeenBy(request, "http://127.0.0.1:4000/x");
    check(url.starts_with("http://") && url.find_first_of(" \"<>@\r\n") == url.npos,
          "a link is one address");
    return 0;
}
