// What the recordings show of headers, connections and of parts of the APIs that a run does
// without; tests/data/*/README.md number them. PlayedServer sends each head as it was recorded.
#include <map>
#include <mutex>
#include <thread>

#include "plugins/a1111/family.hpp"

namespace test {

namespace {

using host::Json;
using host::plugins::CallStatus;
using host::plugins::Cancellation;
using host::plugins::CancelReason;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

host::plugins::CallResult probe(A1111Plugin& plugin) {
    return plugin.run([](auto& backend, const auto& context) { return backend.probe(context); })
        .result;
}

// forge-http-layer 12
TEST(Headers, InLowerCaseAreReadLikeAnyOther) {
    Family server;
    const Recording answer = server.recorded("txt2img_ok");
    ASSERT_THAT(answer.head, HasSubstr("content-type: application/json\r\n"));
    ASSERT_EQ(answer.lengthName, "content-length");
    A1111Plugin plugin = startA1111(server);
    EXPECT_TRUE(probe(plugin).ok());
    EXPECT_EQ(drawWith(plugin).collected->committed().size(), 1U);
}

// sd-server 13
TEST(Headers, ThatAreForBrowsersChangeNothing) {
    Family server("sd-server");
    ASSERT_THAT(server.recorded("txt2img_ok").head,
                HasSubstr("Access-Control-Allow-Credentials: true\r\n"));
    server.on("POST /sdapi/v1/txt2img", withWholePicture("sd-server/txt2img_ok"));
    A1111Plugin plugin = startA1111(server);
    EXPECT_TRUE(probe(plugin).ok());
    EXPECT_EQ(drawWith(plugin).collected->committed().size(), 1U);
    for (const sim::Request& request : server.requests())
        EXPECT_EQ(request.header("origin"), "") << request.target;
}

// sd-server 15
TEST(Headers, OfAnInterimAnswerAreNotTheAnswer) {
    Family server("sd-server");
    const Recording interim = server.recorded("expect_100");
    ASSERT_EQ(interim.status, 100);
    // What followed stands in the recorded body; its picture is cut.
    const std::string followed = interim.body();
    const std::size_t body = followed.find("\r\n\r\n") + 4;
    Recording answer = server.recorded("txt2img_ok");
    answer.head = followed.substr(0, followed.find("\r\n") + 2);
    const std::string bytes =
        interim.head + "\r\n" + answer.answer(bodyWithWholePictures(followed.substr(body)));
    server.on("POST /sdapi/v1/txt2img", [bytes](sim::Connection& connection, const sim::Request&) {
        return connection.send(bytes);
    });
    A1111Plugin plugin = startA1111(server);
    const Outcome outcome = drawWith(plugin);
    ASSERT_TRUE(outcome.result.ok()) << outcome.result.message;
    EXPECT_EQ(outcome.collected->committed().at(0).info.seed, 7);
    EXPECT_EQ(server.requests("POST /sdapi/v1/txt2img").at(0).header("expect"), "");
}

// forge-http-layer 12, sd-server 15: after five idle seconds the server closes, which a client may
// learn only when it has asked.
TEST(KeptConnections, ThatCloseUnderARequestAreReplacedOnce) {
    std::mutex mutex;
    std::map<int, int> asked;  // by connection
    Family server;
    const std::string samplers = server.recorded("samplers").answer();
    server.on("GET /sdapi/v1/samplers",
              [&mutex, &asked, samplers](sim::Connection& connection, const sim::Request&) {
                  {
                      const std::lock_guard lock(mutex);
                      if (++asked[connection.number()] > 1) return false;
                  }
                  return connection.send(samplers);
              });
    A1111Plugin plugin = startA1111(server);
    for (int i = 0; i < 3; ++i) {
        const auto result = probe(plugin);
        EXPECT_TRUE(result.ok()) << result.message;
    }
    EXPECT_EQ(server.requests("GET /sdapi/v1/samplers").size(), 5U);
    EXPECT_EQ(asked.size(), 3U);
}

TEST(KeptConnections, ThatAlwaysCloseEndTheCall) {
    Family server;
    server.on("GET /sdapi/v1/samplers",
              [](sim::Connection&, const sim::Request&) { return false; });
    A1111Plugin plugin = startA1111(server);
    EXPECT_EQ(probe(plugin).status, CallStatus::Unavailable);
    EXPECT_LE(server.requests("GET /sdapi/v1/samplers").size(), 2U);
}

// A picture must not be drawn twice.
TEST(KeptConnections, AreNotTrustedWithADrawing) {
    Family server;
    server.on("POST /sdapi/v1/txt2img",
              [](sim::Connection&, const sim::Request&) { return false; });
    A1111Plugin plugin = startA1111(server);
    ASSERT_TRUE(probe(plugin).ok());
    EXPECT_FALSE(drawWith(plugin).result.ok());
    EXPECT_EQ(server.requests("POST /sdapi/v1/txt2img").size(), 1U);
}

// sd-server 7
TEST(SdServer, CountsTheSeedsOfABatchUp) {
    Family server("sd-server");
    server.on("POST /sdapi/v1/txt2img", withWholePicture("sd-server/txt2img_batch_2"));
    A1111Plugin plugin = startA1111(server, {{"extra", {{"batch_size", 2}}}});
    const auto pictures = drawWith(plugin).collected->committed();
    ASSERT_EQ(pictures.size(), 2U);
    EXPECT_EQ(pictures[0].info.seed, 7);
    EXPECT_EQ(pictures[1].info.seed, 8);
}

// sd-server 8: "inf" is no number in JSON; the picture is kept all the same, and as it came.
TEST(SdServer, WritesInfIntoAPictureThatIsKeptAsItCame) {
    Family server("sd-server");
    server.on("POST /sdapi/v1/txt2img", withWholePicture("sd-server/txt2img_ok"));
    A1111Plugin plugin = startA1111(server);
    const auto pictures = drawWith(plugin).collected->committed();
    ASSERT_EQ(pictures.size(), 1U);
    EXPECT_THAT(pictures[0].bytes, HasSubstr("tEXtparameters"));
    EXPECT_THAT(pictures[0].bytes, HasSubstr("Eta: inf"));
}

// sd-server 12: it cannot stop what runs either.
TEST(SdServer, IsAskedNothingOfItsOwnApiOfJobs) {
    Family server("sd-server");
    server.on("POST /sdapi/v1/txt2img", withWholePicture("sd-server/txt2img_ok"));
    A1111Plugin plugin = startA1111(server);
    ASSERT_TRUE(probe(plugin).ok());
    plugin.run([](auto& backend, const auto& context) { return backend.describe(context); });
    ASSERT_TRUE(drawWith(plugin).result.ok());
    server.on("POST /sdapi/v1/txt2img", [](sim::Connection& connection, const sim::Request&) {
        connection.waitFor(20s);
        return false;
    });
    const auto cancellation = std::make_shared<Cancellation>();
    std::thread user([&] {
        server.waitFor("POST /sdapi/v1/txt2img", 2);
        cancellation->cancel(CancelReason::User);
    });
    EXPECT_EQ(drawWith(plugin, a1111Request(), 20s, cancellation).result.status,
              CallStatus::Cancelled);
    user.join();
    for (const sim::Request& request : server.requests())
        EXPECT_THAT(request.target, AnyOf(StartsWith("/sdapi/v1/"), StartsWith("/internal/")));
}

}  // namespace

}  // namespace test
