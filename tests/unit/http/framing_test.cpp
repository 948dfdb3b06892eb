// Requests that could be read in two ways, or not at all, are refused and the connection ends.
#include "unit/http/fixture.hpp"

namespace {

using test::errorCode;

class Framing : public test::ServerTest {};

struct Bad {
    const char* name;
    std::string bytes;
    int status;
};

void PrintTo(const Bad& bad, std::ostream* out) {
    *out << bad.name;
}

class BadFraming : public Framing, public testing::WithParamInterface<Bad> {};

TEST_P(BadFraming, IsRefusedAndTheConnectionEnds) {
    start();
    auto connection = client();
    // What follows must not be taken for a request of its own.
    connection.send(GetParam().bytes + "GET /health HTTP/1.1\r\nHost: t\r\n\r\n");
    const auto answer = connection.read();
    EXPECT_EQ(answer.status, GetParam().status);
    EXPECT_EQ(errorCode(answer), "VALIDATION_ERROR");
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_EQ(connection.readAll(), "");
}

std::string postWith(const std::string& headers, const std::string& body = {}) {
    return "POST /echo HTTP/1.1\r\nHost: t\r\n" + headers + "\r\n" + body;
}

const Bad kBad[] = {
    {"BothLengths", postWith("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
     400},
    {"TwoLengths", postWith("Content-Length: 0\r\nContent-Length: 5\r\n"), 400},
    {"LengthList", postWith("Content-Length: 5, 5\r\n"), 400},
    {"LengthWithSign", postWith("Content-Length: +5\r\n"), 400},
    {"NegativeLength", postWith("Content-Length: -1\r\n"), 400},
    {"LengthOverflow", postWith("Content-Length: 99999999999999999999999\r\n"), 400},
    {"UnknownCoding", postWith("Transfer-Encoding: gzip, chunked\r\n"), 501},
    {"ChunkedTwice", postWith("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"ChunkedIn10", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"SpaceBeforeColon", postWith("Content-Length : 5\r\n"), 400},
    {"FoldedField", postWith("X-A: b\r\n c\r\n"), 400},
    {"EncodedWord", postWith("Content-Length: =?utf-8?Q?5?=\r\n"), 400},
    {"BareLineFeed", "GET /health HTTP/1.1\nHost: t\n\n", 400},
    {"NulInField", postWith(std::string("X-A: b\0c\r\n", 10)), 400},
    {"ControlInField", postWith("X-A: b\x01\r\n"), 400},
    {"CarriageReturnInField", postWith("X-A: b\rContent-Length: 5\r\n"), 400},
    {"NoHost", "GET /health HTTP/1.1\r\n\r\n", 400},
    {"TwoHosts", "GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"NoVersion", "GET /health\r\n\r\n", 400},
    {"OtherVersion", "GET /health HTTP/2.0\r\nHost: t\r\n\r\n", 505},
    {"BadTarget", "GET health HTTP/1.1\r\nHost: t\r\n\r\n", 400},
    {"BadEscape", "GET /a%2 HTTP/1.1\r\nHost: t\r\n\r\n", 400},
    {"NulInPath", "GET /a%00b HTTP/1.1\r\nHost: t\r\n\r\n", 400},
    {"PathNotUtf8", "GET /a%FF HTTP/1.1\r\nHost: t\r\n\r\n", 400},
    {"TlsHello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15), 400},
    {"ChunkSizeNotHex", postWith("Transfer-Encoding: chunked\r\n", "xyz\r\n"), 400},
    {"ChunkSizeSigned", postWith("Transfer-Encoding: chunked\r\n", "-1\r\n"), 400},
    {"ChunkSizeHuge", postWith("Transfer-Encoding: chunked\r\n", "11111111111111111\r\n"), 400},
    {"ChunkTooShort", postWith("Transfer-Encoding: chunked\r\n", "3\r\nabcd\r\n0\r\n\r\n"), 400},
    {"ChunkBareLineFeed", postWith("Transfer-Encoding: chunked\r\n", "3\nabc\r\n0\r\n\r\n"), 400},
    {"ChunkEndlessLine", postWith("Transfer-Encoding: chunked\r\n", "1;" + std::string(9000, 'x')),
     400},
    {"LongUrl", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: t\r\n\r\n", 414},
    {"EndlessUrl", "GET /" + std::string(70000, 'a'), 414},
    {"LongHead", "GET / HTTP/1.1\r\nHost: t\r\nX-A: " + std::string(70000, 'a') + "\r\n\r\n", 431},
};

INSTANTIATE_TEST_SUITE_P(All, BadFraming, testing::ValuesIn(kBad),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_F(Framing, AHundredHeadersAreTakenAndOneMoreIsNot) {
    start();
    const auto request = [](int extra) {
        std::string text = "GET /health HTTP/1.1\r\nHost: t\r\n";
        for (int i = 0; i < extra; ++i)
            text += "X-" + std::to_string(i) + ": v\r\n";
        return text + "\r\n";
    };
    EXPECT_EQ(ask(request(99)).status, 200);
    EXPECT_EQ(ask(request(100)).status, 431);
}

TEST_F(Framing, EmptyLinesBeforeARequestAreSkipped) {
    start();
    EXPECT_EQ(ask("\r\n\r\nGET /health HTTP/1.1\r\nHost: t\r\n\r\n").status, 200);
}

TEST_F(Framing, AnswersCannotBeSplitByWhatTheClientSent) {
    router->add("GET", "/reflect", [](Request& request) {
        Response response = Response::empty(200);
        response.headers.add("X-Reflected", request.query.get("v"));
        return response;
    });
    start();
    const auto answer = ask(test::get("/reflect?v=a%0d%0aX-Injected:%20b"));
    EXPECT_EQ(answer.header("x-injected"), "");
    EXPECT_THAT(answer.header("x-reflected"), testing::HasSubstr("X-Injected"));
}

TEST_F(Framing, ForeignOriginsAreRefusedUnlessListed) {
    options.allowedOrigins = {"http://friend:8080"};
    start();
    const auto withOrigin = [&](const std::string& origin, const std::string& extra = {}) {
        return ask(test::post("/echo", "x", "Origin: " + origin + "\r\n" + extra));
    };
    EXPECT_EQ(withOrigin("http://evil").status, 403);
    EXPECT_EQ(errorCode(withOrigin("null")), "VALIDATION_ERROR");
    EXPECT_EQ(withOrigin("http://test").status, 200) << "the same host";
    const auto friendly = withOrigin("http://friend:8080");
    EXPECT_EQ(friendly.status, 200);
    EXPECT_EQ(friendly.header("access-control-allow-origin"), "http://friend:8080");
    const auto preflight =
        ask("OPTIONS /echo HTTP/1.1\r\nHost: test\r\nOrigin: http://friend:8080\r\n"
            "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: "
            "content-type\r\n\r\n");
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.header("access-control-allow-headers"), "content-type");
    EXPECT_THAT(preflight.header("access-control-allow-methods"), testing::HasSubstr("POST"));
}

}  // namespace
