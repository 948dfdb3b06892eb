// Who may have an answer: API keys in all their places, signed links, names of this host, origins
// of pages. The input is a request's head.
#include <algorithm>

#include "fuzz.hpp"
#include "http/host_policy.hpp"
#include "http/origin_policy.hpp"
#include "http/text.hpp"
#include "request_head.hpp"
#include "services/common/signed_links.hpp"
#include "services/guard.hpp"
#include "support/base64.hpp"
#include "support/http_url.hpp"
#include "support/text.hpp"

using namespace host;
using fuzz::check;

namespace {

const std::string kKey = "k3y";  // short: the fuzzer finds it
const std::vector<std::string> kKeys{kKey};

bool isAnswered(http::Handler (*guard)(const std::vector<std::string>&, http::Handler),
                http::Request request) {
    static bool asked;
    asked = false;
    const http::Response response = guard(kKeys, [](http::Request&) {
        asked = true;
        return http::Response::empty(204);
    })(request);
    check(response.status == (asked ? 204 : 401), "a request is answered or refused");
    check(asked || !response.headers.get("WWW-Authenticate").empty(), "a refusal says how to ask");
    return asked;
}

bool holdsKey(const http::Request& request, bool basicToo) {
    return std::any_of(request.headers.begin(), request.headers.end(), [&](const auto& header) {
        const auto& [name, value] = header;
        if (value.find(kKey) != value.npos) return true;
        if (!basicToo || !iequals(name, "Authorization") || value.size() < 6) return false;
        const auto plain = base64Decode(trim(std::string_view(value).substr(6)));
        return plain && plain->ends_with(":" + kKey);
    });
}

void checkKeys(const http::Request& request) {
    const bool plain = isAnswered(services::guarded, request);
    const bool basic = isAnswered(services::guardedBasic, request);
    check(!plain || holdsKey(request, false), "without the key there is no answer");
    check(!basic || holdsKey(request, true), "nor with a password that is not the key");
    http::Request copy = request;
    const auto quick = services::guardedQuick(
        kKeys, [](http::Request&) { return std::optional(http::Response::empty(204)); })(copy);
    check(quick.has_value() == plain, "a quick answer has the same guard");
    http::Request known = request;
    known.headers.set("X-API-Key", kKey);
    check(isAnswered(services::guarded, known), "the key opens, whatever else is sent");
    http::Request none = request;
    none.headers = {};
    for (const auto& [name, value] : request.headers)
        if (!iequals(name, "X-API-Key") && !iequals(name, "Authorization") &&
            !iequals(name, "Cookie"))
            none.headers.add(name, value);
    check(!isAnswered(services::guarded, none) && !isAnswered(services::guardedBasic, none),
          "no other header opens");
}

// `request` as a link would send it.
void checkLinks(http::Request request) {
    const std::string name = request.path.substr(1, 200);
    request.pathParams.add("filename", name);
    check(!services::isSigned({"0ther"}, request), "nobody guesses a signature");
    const std::string query = services::signedQuery(kKey, name);
    const std::size_t second = query.find('&');
    const std::string expires = query.substr(9, second - 9);
    const std::string signature = query.substr(second + 11);
    http::Request link;
    link.pathParams = request.pathParams;
    link.query.add("expires", expires);
    link.query.add("signature", signature);
    check(services::isSigned(kKeys, link), "a link that was made is good");
    check(!services::isSigned({"0ther"}, link), "for its key alone");
    http::Request other = link;
    other.pathParams = {};
    other.pathParams.add("filename", name + "x");
    check(!services::isSigned(kKeys, other), "for its picture alone");
    const std::string given = request.query.get("expires");
    if (given == expires) return;
    http::Request later;
    later.pathParams = request.pathParams;
    later.query.add("expires", given);
    later.query.add("signature", signature);
    check(!services::isSigned(kKeys, later), "for its time alone");
}

// Where a browser would have gone with that Host.
void checkNames(const http::Request& request) {
    static const http::HostPolicy kPolicy({"studio.lan"});
    const std::string host = request.header("Host");
    if (host.empty() || kPolicy.check(request)) return;
    std::string name = toLower(parseHttpUrl("http://" + host + "/").host);
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    if (name.ends_with('.')) name.pop_back();
    check(name.empty() || name == "studio.lan" || name == "localhost" ||
              name.ends_with(".localhost") || isIpAddress(name),
          "a foreign name gets no answer");
}

void checkOrigins(const http::Request& request) {
    static const http::OriginPolicy kPolicy({"http://pictures.example"});
    const std::string origin = request.header("Origin");
    if (origin.empty() || kPolicy.check(request, "")) return;
    const std::string host = request.header("Host");
    check(iequals(origin, "http://pictures.example") ||
              toLower(origin).find(toLower(host.substr(0, host.find(':')))) != origin.npos,
          "a page of another host gets no answer");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = fuzz::requestOf(data, size);
    if (!parsed) return 0;
    const http::Request& request = *parsed;
    checkKeys(request);
    checkLinks(request);
    checkNames(request);
    checkOrigins(request);
    return 0;
}
