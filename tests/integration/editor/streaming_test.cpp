// Answers of the model server that come piece by piece, late, in huge amounts, or only in part.
#include <sstream>

#include "common/sanitized.hpp"
#include "integration/editor/editor_fixture.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;
using sim::Connection;
using sim::Request;
using std::chrono::seconds;

// Waits until `flag` is set or the peer goes; false then.
bool await(Connection& connection, const std::atomic<bool>& flag) {
    while (!flag) {
        if (connection.waitFor(sim::Milliseconds(5)) != Connection::Wait::Elapsed) return false;
    }
    return true;
}

// The server gives up after a second of silence.
Json impatient(const std::string& url) {
    return editorOnly(url, {{"prompt", {{"timeout_seconds", 1}}}});
}

TEST(ModelStream, EachPieceArrivesBeforeTheNextIsSent) {
    std::atomic<int> seen{0};
    constexpr int kPieces = 5;
    RecordingServer model([&](Connection& connection, const Request&) {
        connection.beginChunked(200, "text/event-stream");
        for (int piece = 0; piece < kPieces; ++piece) {
            connection.sendChunk("data: {\"piece\":" + std::to_string(piece) + "}\n\n");
            while (seen <= piece) {
                if (connection.waitFor(sim::Milliseconds(2)) != Connection::Wait::Elapsed)
                    return false;
            }
        }
        return connection.sendChunk("data: [DONE]\n\n") && connection.endChunked();
    });
    HostProcess host(editorOnly(model.url()));
    host.start();
    OpenRequest request(host.url("create_json"),
                        "POST /lm/v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                        "Content-Length: 15\r\n\r\n{\"stream\":true}");
    const AnswerHead head = request.head();
    ASSERT_EQ(head.status, 200);
    EXPECT_EQ((HttpAnswer{.headers = head.headers}.header("Content-Type")), "text/event-stream");
    for (int piece = 0; piece < kPieces; ++piece) {
        ASSERT_TRUE(request.readUpTo("{\"piece\":" + std::to_string(piece) + "}\n\n"));
        seen = piece + 1;
    }
    EXPECT_TRUE(request.readToEnd());
    EXPECT_TRUE(request.body().ends_with("data: [DONE]\n\n"));
    EXPECT_EQ(model.last().body, "{\"stream\":true}");
}

TEST(ModelStream, OfAChatServerArrivesWhole) {
    const Simulator llm = simLlm(0.05, {"--api-key", "sk-sim"});
    Json config = editorOnly("");
    config["prompt"] = llm.prompt();
    config["prompt"]["settings"]["api_key"] = "sk-sim";
    HostProcess host(config);
    host.start();
    const HttpClient client = editorOf(host);
    EXPECT_EQ(client.get("/lm/v1/models").json()["data"][0].value("id", ""), "sim-model");
    const Json question = {{"model", "sim-model"},
                           {"stream", true},
                           {"messages", {{{"role", "user"}, {"content", "a boat"}}}}};
    const HttpAnswer answer = client.post("/lm/v1/chat/completions", question);
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.header("Content-Type"), testing::StartsWith("text/event-stream"));
    EXPECT_THAT(answer.body, testing::HasSubstr("data: [DONE]"));
    const HttpAnswer unknown = client.get("/lm/v1/nothing");
    EXPECT_EQ(unknown.status, 404);
}

std::size_t kilobytesOf(pid_t process, const std::string& field) {
    std::istringstream status(readFile("/proc/" + std::to_string(process) + "/status"));
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(field + ":")) return std::stoul(line.substr(field.size() + 1));
    }
    ADD_FAILURE() << "no " << field;
    return 0;
}

TEST(ModelStream, OfHugeSizePassesWithoutBeingCollected) {
    constexpr std::size_t kPiece = 1 << 20;
    constexpr std::size_t kPieces = 192;
    RecordingServer model([&](Connection& connection, const Request& request) {
        const std::string piece(kPiece, 'm');
        if (request.target == "/chunked") {
            connection.beginChunked(200, "application/octet-stream");
            for (std::size_t i = 0; i < kPieces; ++i) {
                if (!connection.sendChunk(piece)) return false;
            }
            return connection.endChunked();
        }
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kPiece * kPieces) +
                        "\r\n\r\n");
        for (std::size_t i = 0; i < kPieces; ++i) {
            if (!connection.send(piece)) return false;
        }
        return true;
    });
    HostProcess host(editorOnly(model.url()));
    host.start();
    ASSERT_EQ(editorOf(host).get("/health").status, 200);
    const std::size_t before = kilobytesOf(host.process().pid(), "VmHWM");
    for (const char* path : {"/lm/sized", "/lm/chunked"}) {
        OpenRequest request(host.url("create_json"), getRequest(path, "Connection: close\r\n"));
        ASSERT_EQ(request.head().status, 200);
        std::size_t got = 0;
        std::string piece;
        while (request.socket().receive(piece, request.until())) {
            got += piece.size();
            piece.clear();
        }
        EXPECT_TRUE(request.ended());
        EXPECT_GE(got, kPiece * (kPieces - 1)) << path;
    }
    if (kSanitized) return;  // its allocator keeps what is freed
    const std::size_t after = kilobytesOf(host.process().pid(), "VmHWM");
    EXPECT_LT(after, before + 32 * 1024) << "kB at most, of " << kPieces << " MiB that passed";
}

TEST(ModelStream, ThatNobodyReadsHoldsTheServerBackInsteadOfFillingMemory) {
    std::atomic<std::size_t> sent{0};
    std::atomic<bool> over{false};
    RecordingServer model([&](Connection& connection, const Request&) {
        connection.beginChunked(200, "application/octet-stream");
        const std::string piece(64 * 1024, 'm');
        while (sent < 400 * piece.size() && connection.sendChunk(piece))
            sent += piece.size();
        over = true;
        return false;
    });
    HostProcess host(editorOnly(model.url()));
    host.start();
    OpenRequest request(host.url("create_json"), getRequest("/lm/flood"));
    ASSERT_EQ(request.head().status, 200);
    // What fits into the sockets' buffers goes; then the sender stands still.
    std::size_t last = 1;
    ASSERT_TRUE(eventually([&] {
        const std::size_t now = sent;
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        return sent == now && std::exchange(last, now) == now;
    }));
    EXPECT_FALSE(over) << "25 MB went to a client that reads nothing";
    request.hangUp();
    EXPECT_TRUE(eventually([&] { return over.load(); })) << "the server is let go";
}

TEST(ModelSilence, EndsInTimeoutWithinTheConfiguredBound) {
    RecordingServer model([](Connection& connection, const Request&) {
        connection.waitFor(seconds(30));
        return false;
    });
    HostProcess host(impatient(model.url()));
    host.start();
    const HttpAnswer answer = editorOf(host).post("/lm/v1/chat/completions", {{"a", 1}});
    expectError(answer, 504, "TIMEOUT");
    EXPECT_GE(answer.seconds, 0.9);
    EXPECT_LT(answer.seconds, 15);
}

TEST(ModelSilence, WithinAnAnswerCutsItSoThatItNeverLooksWhole) {
    RecordingServer model([](Connection& connection, const Request&) {
        connection.beginChunked(200, "text/event-stream");
        connection.sendChunk("data: half\n\n");
        connection.waitFor(seconds(30));
        return false;
    });
    HostProcess host(impatient(model.url()));
    host.start();
    OpenRequest request(host.url("create_json"), getRequest("/lm/v1/x"));
    EXPECT_EQ(request.head().status, 200);
    EXPECT_TRUE(request.readUpTo("data: half\n\n"));
    EXPECT_FALSE(request.readToEnd()) << "no last chunk";
    EXPECT_TRUE(request.ended()) << "the connection is closed";
}

TEST(ModelStream, ThatIsCutOffNeverLooksWhole) {
    RecordingServer model([](Connection& connection, const Request& request) {
        if (request.target == "/sized") {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nten bytes.");
        } else if (request.target == "/reset") {
            connection.beginChunked(200, "application/json");
            connection.sendChunk("{\"half\":");
            connection.reset();
        } else if (request.target == "/bad-chunk") {
            connection.beginChunked(200, "application/json");
            connection.send("5\r\nhello\r\nxyz\r\n");
        } else {
            connection.beginChunked(200, "application/json");
            connection.sendChunk("{\"half\":");
        }
        return false;
    });
    HostProcess host(editorOnly(model.url()));
    host.start();
    for (const char* path : {"/lm/sized", "/lm/reset", "/lm/bad-chunk", "/lm/chunked"}) {
        const HttpAnswer answer = editorOf(host).get(path);
        // The end may come before or after the head is passed on; either way it is no whole 200.
        EXPECT_NE(answer.status, 200) << path << " " << answer.body;
    }
    EXPECT_EQ(editorOf(host).get("/health").status, 200);
}

TEST(ModelClient, ThatHangsUpIsSeenByTheServerWhileItThinksAndWhileItWrites) {
    std::atomic<int> thinking{0};
    std::atomic<int> writing{0};
    std::atomic<int> noticed{0};
    const std::atomic<bool> never{false};
    RecordingServer model([&](Connection& connection, const Request& request) {
        if (request.target == "/thinks") {
            ++thinking;
        } else {
            connection.beginChunked(200, "text/event-stream");
            connection.sendChunk("data: 1\n\n");
            ++writing;
        }
        if (!await(connection, never)) ++noticed;
        return false;
    });
    HostProcess host(editorOnly(model.url()));
    host.start();
    {
        OpenRequest thinks(host.url("create_json"), getRequest("/lm/thinks"));
        ASSERT_TRUE(eventually([&] { return thinking == 1; }));
        EXPECT_EQ(noticed, 0);
    }
    EXPECT_TRUE(eventually([&] { return noticed == 1; }));
    {
        OpenRequest writes(host.url("create_json"), getRequest("/lm/writes"));
        ASSERT_EQ(writes.head().status, 200);
        ASSERT_TRUE(writes.readUpTo("data: 1\n\n"));
    }
    EXPECT_TRUE(eventually([&] { return noticed == 2; }));
}

TEST(ModelCrowd, IsBoundedAndLeavesTheRestOfTheServiceAlone) {
    constexpr int kAtOnce = 32;
    std::atomic<int> held{0};
    std::atomic<bool> release{false};
    RecordingServer model([&](Connection& connection, const Request&) {
        ++held;
        return await(connection, release) && connection.reply(200, "text/plain", "done");
    });
    HostProcess host(editorOnly(model.url()));
    host.start();
    std::vector<std::unique_ptr<OpenRequest>> waiting;
    for (int i = 0; i < kAtOnce; ++i) {
        waiting.push_back(
            std::make_unique<OpenRequest>(host.url("create_json"), getRequest("/lm/x")));
    }
    ASSERT_TRUE(eventually([&] { return held == kAtOnce; }));
    const HttpAnswer refused = editorOf(host).get("/lm/x");
    expectError(refused, 503, "SERVICE_UNAVAILABLE");
    EXPECT_TRUE(refused.has("Retry-After"));
    EXPECT_EQ(editorOf(host).get("/health").status, 200);
    EXPECT_EQ(editorOf(host).get("/").status, 200);
    release = true;
    for (const auto& request : waiting)
        EXPECT_EQ(request->head().status, 200);
    EXPECT_TRUE(eventually([&] { return editorOf(host).get("/lm/x").status == 200; }))
        << "places are given back";
}

}  // namespace

}  // namespace test
