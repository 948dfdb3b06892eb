// Slow, idle, silent and too many clients never keep others from being answered.
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include "unit/http/fixture.hpp"

namespace {

using namespace std::chrono_literals;
using test::errorCode;
using test::get;
using test::post;
using test::RawClient;

class Crowds : public test::ServerTest {
  protected:
    // A route whose handlers wait at the gate.
    void addWaitingRoute(Lane lane = Lane::Worker) {
        router->add("GET", "/wait",
                    [this](Request&) {
                        gate.wait();
                        return Response::text("waited", "text/plain");
                    },
                    {lane});
    }
    void TearDown() override {
        gate.open();
        ServerTest::TearDown();
    }
    // Until the server has seen that many connections.
    bool awaitConnections(std::size_t count) {
        for (int i = 0; i < 1000 && front->figures().connections != count; ++i) {
            std::this_thread::sleep_for(10ms);
        }
        return front->figures().connections == count;
    }

    test::Gate gate;
};

TEST_F(Crowds, ThousandsOfIdleAndSlowConnectionsDoNotDelayHealth) {
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    const std::size_t crowd = std::min<std::size_t>(3000, (limit.rlim_max - 200) / 2);
    start();
    std::vector<RawClient> clients;
    clients.reserve(crowd);
    for (std::size_t i = 0; i < crowd; ++i) {
        clients.emplace_back(server->port());
        if (i % 3 == 1) clients.back().send("GET /health HT");
        if (i % 3 == 2)
            clients.back().send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\nabc");
    }
    ASSERT_TRUE(awaitConnections(crowd));
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(ask(get("/health")).status, 200);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 1s);
    // And they are all served once they get on with it.
    for (std::size_t i = 0; i < crowd; ++i) {
        clients[i].send(i % 3 == 0   ? get("/health")
                        : i % 3 == 1 ? "TP/1.1\r\nHost: t\r\n\r\n"
                                     : "defghi");
    }
    for (std::size_t i = 0; i < crowd; ++i) {
        ASSERT_EQ(clients[i].read().body, i % 3 == 2 ? "abcdefghi" : R"({"ok":true})") << i;
    }
    clients.clear();
    EXPECT_TRUE(awaitConnections(0));
    EXPECT_EQ(front->figures().bufferedBytes, 0u);
}

TEST_F(Crowds, HealthAnswersWhileAllWorkersAreBusyAndOthersAreRefused) {
    frontOptions.workers = 2;
    frontOptions.workerQueue = 1;
    addWaitingRoute();
    start();
    std::vector<RawClient> waiting;
    for (int i = 0; i < 2; ++i) {
        waiting.push_back(client());
        waiting.back().send(get("/wait"));
    }
    ASSERT_TRUE(gate.awaitWaiting(2));
    waiting.push_back(client());
    waiting.back().send(get("/wait"));
    for (int i = 0; i < 1000 && front->figures().queued == 0; ++i)
        std::this_thread::sleep_for(5ms);
    EXPECT_EQ(ask(get("/health")).status, 200);
    auto refused = client();
    const auto answer = refused.ask(get("/wait"));
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(errorCode(answer), "SERVICE_UNAVAILABLE");
    EXPECT_EQ(refused.ask(get("/health")).status, 200) << "the connection stays";
    gate.open();
    for (auto& connection : waiting)
        EXPECT_EQ(connection.read().body, "waited");
}

TEST_F(Crowds, SlowLaneLeavesTheWorkersFree) {
    frontOptions.workers = 1;
    addWaitingRoute(Lane::Slow);
    start();
    std::vector<RawClient> waiting;
    for (int i = 0; i < 10; ++i) {
        waiting.push_back(client());
        waiting.back().send(get("/wait"));
    }
    ASSERT_TRUE(gate.awaitWaiting(10));
    EXPECT_EQ(ask(post("/echo", "hi")).body, "hi");
    gate.open();
    for (auto& connection : waiting)
        EXPECT_EQ(connection.read().status, 200);
}

TEST_F(Crowds, DeadlinesAreAbsoluteHoweverTheBytesDrip) {
    options.headerDeadline = 300ms;
    options.bodyDeadline = 300ms;
    options.lingerLimit = 200ms;
    start();
    for (const std::string begin :
         {"GET /health HTTP/1.1\r\nX-A: ",
          "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 99999\r\n\r\n"}) {
        auto slow = client();
        slow.send(begin);
        const auto begun = std::chrono::steady_clock::now();
        std::thread dripping([&] {
            while (slow.send("a") && std::chrono::steady_clock::now() - begun < 10s) {
                std::this_thread::sleep_for(20ms);
            }
        });
        const auto answer = slow.read();
        EXPECT_LT(std::chrono::steady_clock::now() - begun, 8s);
        EXPECT_EQ(answer.status, 408);
        EXPECT_EQ(errorCode(answer), "TIMEOUT");
        dripping.join();
    }
}

TEST_F(Crowds, IdleConnectionsAreClosedAfterTheirTime) {
    options.idleLimit = 200ms;
    start();
    auto fresh = client();
    auto used = client();
    EXPECT_EQ(used.ask(get("/health")).status, 200);
    EXPECT_TRUE(fresh.closedByPeer());
    EXPECT_TRUE(used.closedByPeer());
}

TEST_F(Crowds, ConnectionsBeyondTheBoundAreRefusedCleanly) {
    frontOptions.maxConnections = 5;
    start();
    std::vector<RawClient> clients;
    for (int i = 0; i < 5; ++i) {
        clients.push_back(client());
        EXPECT_EQ(clients.back().ask(get("/health")).status, 200);
    }
    auto refused = client();
    const std::string text = refused.readAll();
    EXPECT_THAT(text, testing::StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(text, testing::HasSubstr("SERVICE_UNAVAILABLE"));
    EXPECT_THAT(text, testing::HasSubstr("X-Correlation-ID: "));
    clients.pop_back();
    ASSERT_TRUE(awaitConnections(4));
    EXPECT_EQ(ask(get("/health")).status, 200);
}

TEST_F(Crowds, BytesBeingReceivedAreBoundedOverAllConnections) {
    frontOptions.maxBufferedBytes = 1'000'000;
    start();
    auto first = client();
    const std::string body(600'000, 'x');
    const std::string whole = post("/echo", body);
    first.send(whole.substr(0, whole.size() - 1));
    const auto await = [&](auto&& reached) {
        for (int i = 0; i < 1000 && !reached(front->figures().bufferedBytes); ++i)
            std::this_thread::sleep_for(5ms);
    };
    await([](std::uint64_t bytes) { return bytes >= 600'000; });
    auto second = client();
    second.send(whole);
    EXPECT_EQ(second.read().status, 503);
    first.send("x");
    EXPECT_EQ(first.read().status, 200);
    // A client may have its answer before the host has counted that it left.
    await([](std::uint64_t bytes) { return bytes == 0; });
    EXPECT_EQ(ask(whole).status, 200);
}

TEST_F(Crowds, ClientThatDoesNotReadHoldsNoWorkerAndIsDropped) {
    frontOptions.workers = 1;
    options.writeStall = 300ms;
    router->add("GET", "/large", [](Request&) {
        return Response::text(std::string(30'000'000, 'x'), "text/plain");
    });
    start();
    std::vector<RawClient> deaf;
    for (int i = 0; i < 3; ++i) {
        deaf.push_back(client(4096));
        deaf.back().send(get("/large"));
    }
    EXPECT_EQ(ask(post("/echo", "hi")).body, "hi");
    EXPECT_TRUE(awaitConnections(0));
    EXPECT_EQ(front->figures().bufferedBytes, 0u);
}

TEST_F(Crowds, SlowReaderGetsAllOfALargeAnswer) {
    std::string large(5'000'000, '\0');
    for (std::size_t i = 0; i < large.size(); ++i)
        large[i] = static_cast<char>(i / 3);
    router->add("GET", "/large",
                [&](Request&) { return Response::text(large, "application/octet-stream"); });
    start();
    auto slow = client(4096);
    slow.send(get("/large") + get("/health"));
    EXPECT_TRUE(slow.read().body == large);
    EXPECT_EQ(slow.read().status, 200);
}

TEST_F(Crowds, RunningOutOfDescriptorsRefusesAndRecovers) {
    start();
    ASSERT_EQ(ask(get("/health")).status, 200);
    rlimit old{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &old), 0);
    ASSERT_TRUE(awaitConnections(0));
    auto first = client();
    ASSERT_TRUE(awaitConnections(1));
    // The next descriptor is the client's own; then the server has none.
    const int next = ::dup(first.fd());
    ::close(next);
    // The undefined behaviour sanitizer looks at a type once, for which it needs a pipe: at the
    // logger's now, and at those of what would be logged not at all.
    spdlog::warn("descriptors run out");
    const auto level = spdlog::get_level();
    spdlog::set_level(spdlog::level::off);
    rlimit tight = old;
    tight.rlim_cur = static_cast<rlim_t>(next) + 1;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
    std::string text;
    {
        auto refused = client();
        text = refused.readAll();
    }
    EXPECT_EQ(first.ask(get("/health")).status, 200);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &old), 0);
    spdlog::set_level(level);
    EXPECT_THAT(text, testing::StartsWith("HTTP/1.1 503 "));
    EXPECT_EQ(ask(get("/health")).status, 200);
}

TEST_F(Crowds, StopLetsRunningRequestsFinishAndClosesIdleOnes) {
    addWaitingRoute();
    start();
    auto idle = client();
    EXPECT_EQ(idle.ask(get("/health")).status, 200);
    auto busy = client();
    busy.send(get("/wait"));
    ASSERT_TRUE(gate.awaitWaiting(1));
    const std::uint16_t port = server->port();
    std::thread stopping([&] { server->stop(20s); });
    EXPECT_TRUE(idle.closedByPeer());
    EXPECT_THROW(RawClient{port}, std::runtime_error);
    gate.open();
    EXPECT_EQ(busy.read().body, "waited");
    EXPECT_TRUE(busy.closedByPeer());
    stopping.join();
}

TEST_F(Crowds, StopDoesNotWaitForHandlersLongerThanTheGrace) {
    addWaitingRoute();
    start();
    auto busy = client();
    busy.send(get("/wait"));
    ASSERT_TRUE(gate.awaitWaiting(1));
    const auto begun = std::chrono::steady_clock::now();
    server->stop(100ms);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
    EXPECT_TRUE(busy.closedByPeer());
}

TEST_F(Crowds, StopUnderLoadLosesNoProcess) {
    start();
    const std::uint16_t port = server->port();
    std::atomic<int> answered{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            try {
                while (true) {
                    RawClient connection(port);
                    for (int n = 0; n < 50; ++n) {
                        if (connection.ask(n % 2 == 0 ? get("/health") : post("/echo", "x"))
                                .status != 200) {
                            break;
                        }
                        ++answered;
                    }
                }
            } catch (const std::runtime_error&) {  // stopped listening
            }
        });
    }
    while (answered < 500)
        std::this_thread::yield();
    server->stop(2s);
    for (std::thread& thread : threads)
        thread.join();
    // A worker may have handed its connection back and not yet let go of it.
    EXPECT_TRUE(awaitConnections(0));
}

}  // namespace
