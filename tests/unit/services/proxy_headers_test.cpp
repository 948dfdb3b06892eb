// What a proxy tells the other server about its client, and what it keeps to itself.
#include "services/common/proxy_headers.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "services/common/proxy.hpp"

namespace {

using host::HttpHeaders;
using host::http::Request;
using host::services::downstreamHead;
using host::services::hasDotSegment;
using host::services::HeaderRules;
using host::services::upstreamHeaders;

Request requestWith(const HttpHeaders& headers) {
    Request request;
    for (const auto& [name, value] : headers)
        request.headers.add(name, value);
    request.correlationId = "the-id";
    request.clientAddress = "10.1.2.3";
    return request;
}

// All values of that name, joined by '|'; "-" when there is none.
std::string valuesOf(const HttpHeaders& headers, const std::string& name) {
    std::string all;
    bool found = false;
    for (const auto& [key, value] : headers) {
        if (key != name) continue;
        all += (found ? "|" : "") + value;
        found = true;
    }
    return found ? all : "-";
}

const HeaderRules kOwn{.ownService = true, .forwardSecret = "s3cret"};
const HeaderRules kForeign{.ownKeys = {"our-own-key"}};

TEST(ProxyHeaders, PassWhatClientsAndServersTellEachOther) {
    const HttpHeaders all{{"Accept", "text/event-stream"}, {"Content-Type", "application/json"},
                          {"Idempotency-Key", "k1"},       {"Last-Event-ID", "7"},
                          {"If-None-Match", "\"e\""},      {"Range", "bytes=0-9"},
                          {"Accept-Encoding", "gzip"},     {"Accept-Language", "en"},
                          {"Accept-Language", "de;q=0.5"}};
    for (const HeaderRules& rules : {kOwn, kForeign}) {
        const HttpHeaders sent = upstreamHeaders(requestWith(all), rules);
        for (const auto& [name, value] : all)
            EXPECT_NE(std::find(sent.begin(), sent.end(), std::pair(name, value)), sent.end())
                << name;
        EXPECT_EQ(valuesOf(sent, "X-Correlation-ID"), "the-id");
    }
}

TEST(ProxyHeaders, ThatBelongToOneConnectionNeverPass) {
    const HttpHeaders sent = upstreamHeaders(requestWith({{"Connection", "close, X-Hop"},
                                                          {"X-Hop", "1"},
                                                          {"Keep-Alive", "5"},
                                                          {"Transfer-Encoding", "chunked"},
                                                          {"TE", "trailers"},
                                                          {"Upgrade", "h2c"},
                                                          {"Proxy-Authorization", "x"},
                                                          {"Host", "elsewhere"},
                                                          {"Content-Length", "9"},
                                                          {"Expect", "100-continue"},
                                                          {"Origin", "http://page"},
                                                          {"X-Kept", "1"}}),
                                             kOwn);
    EXPECT_EQ(valuesOf(sent, "X-Kept"), "1");
    for (const char* name :
         {"Connection", "X-Hop", "Keep-Alive", "Transfer-Encoding", "TE", "Host", "Upgrade",
          "Proxy-Authorization", "Content-Length", "Expect", "Origin"})
        EXPECT_EQ(valuesOf(sent, name), "-") << name;

    const auto answer = downstreamHead({{"connection", "x-hop"},
                                        {"x-hop", "1"},
                                        {"transfer-encoding", "chunked"},
                                        {"content-length", "5"},
                                        {"access-control-allow-origin", "*"},
                                        {"x-correlation-id", "other"},
                                        {"etag", "\"e\""},
                                        {"x-next-cursor", "c"},
                                        {"retry-after", "3"}},
                                       kOwn);
    for (const char* name : {"x-hop", "connection", "transfer-encoding", "content-length",
                             "access-control-allow-origin", "x-correlation-id"})
        EXPECT_FALSE(answer.headers.has(name)) << name;
    for (const char* name : {"etag", "x-next-cursor", "retry-after"})
        EXPECT_TRUE(answer.headers.has(name)) << name;
    EXPECT_FALSE(answer.length) << "chunks decide when both are there";
}

TEST(ProxyHeaders, TellOurOwnServiceTheClientsRealAddressAndCredentials) {
    const Request request = requestWith({{"X-API-Key", "our-own-key"},
                                         {"Cookie", "ipl_key=our-own-key"},
                                         {"Authorization", "Bearer our-own-key"},
                                         {"X-Forwarded-For", "6.6.6.6"},
                                         {"X-Forwarded-Host", "evil"},
                                         {"X-Real-IP", "6.6.6.6"},
                                         {"X-Forward-Secret", "guess"}});
    const HttpHeaders sent = upstreamHeaders(request, kOwn);
    EXPECT_EQ(valuesOf(sent, "X-Forwarded-For"), "10.1.2.3");
    EXPECT_EQ(valuesOf(sent, "X-Forward-Secret"), "s3cret");
    EXPECT_EQ(valuesOf(sent, "X-API-Key"), "our-own-key");
    EXPECT_EQ(valuesOf(sent, "Cookie"), "ipl_key=our-own-key");
    EXPECT_EQ(valuesOf(sent, "Authorization"), "Bearer our-own-key");
    EXPECT_EQ(valuesOf(sent, "X-Real-IP"), "-");
    EXPECT_EQ(valuesOf(sent, "X-Forwarded-Host"), "-");
    const HttpHeaders unknown = upstreamHeaders(request, {.ownService = true});
    EXPECT_EQ(valuesOf(unknown, "X-Forwarded-For"), "-") << "worth nothing without the secret";
}

TEST(ProxyHeaders, NeverTellAForeignServerOurKeys) {
    const HttpHeaders sent =
        upstreamHeaders(requestWith({{"X-API-Key", "our-own-key"},
                                     {"Cookie", "ipl_key=our-own-key; other=1"},
                                     {"Authorization", "Bearer our-own-key"},
                                     {"X-Custom", "key is our-own-key"},
                                     {"Referer", "http://host/secret"},
                                     {"Sec-Fetch-Site", "same-origin"},
                                     {"X-Forward-Secret", "s3cret"}}),
                        kForeign);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].first, "X-Correlation-ID");
}

TEST(ProxyHeaders, GiveTheModelServerItsOwnKeyOrElseTheClients) {
    const Request request = requestWith({{"Authorization", "Bearer sk-of-the-client"}});
    EXPECT_EQ(valuesOf(upstreamHeaders(request, kForeign), "Authorization"),
              "Bearer sk-of-the-client");
    HeaderRules configured = kForeign;
    configured.apiKey = "sk-configured";
    EXPECT_EQ(valuesOf(upstreamHeaders(request, configured), "Authorization"),
              "Bearer sk-configured");
}

TEST(ProxyHeaders, KeepAForeignServersPagesAndCookiesAwayFromOurs) {
    const auto answer = downstreamHead({{"set-cookie", "a=b"},
                                        {"content-type", "text/html"},
                                        {"content-length", "12"},
                                        {"content-security-policy", "default-src *"}},
                                       kForeign);
    EXPECT_FALSE(answer.headers.has("Set-Cookie"));
    EXPECT_EQ(answer.headers.get("Content-Type"), "text/html");
    EXPECT_EQ(answer.headers.get("Content-Security-Policy"), "sandbox; default-src 'none'");
    EXPECT_EQ(answer.length, 12U);
    EXPECT_FALSE(downstreamHead({{"content-length", "12, 13"}}, kForeign).length);
}

TEST(ProxyPaths, ThatClimbAreRecognised) {
    for (const char* path : {"/..", "/a/../b", "/a/..", "/./a", "/a\\..\\b", "/lm//../x", ".."})
        EXPECT_TRUE(hasDotSegment(path)) << path;
    for (const char* path : {"/", "", "/a..b/c", "/...", "/a/.b", "/v1/models", "//evil"})
        EXPECT_FALSE(hasDotSegment(path)) << path;
}

}  // namespace
