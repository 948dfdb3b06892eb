// Event streams: order, resume, one rendering for many, slow clients, heartbeats, ends.
#include <sys/resource.h>

#include "unit/http/fixture.hpp"

namespace {

using namespace std::chrono_literals;
using test::get;
using test::RawClient;

// Numbered events in memory; `read` counts its calls.
class FakeSource : public host::http::EventSource {
  public:
    void publish(std::string data) {
        const std::lock_guard lock(mutex_);
        events_.push_back("id: " + std::to_string(events_.size() + 1) +
                          "\ndata: " + std::move(data) + "\n\n");
    }
    void finish() {
        const std::lock_guard lock(mutex_);
        finished_ = true;
    }
    int reads() const { return reads_; }

    host::http::EventBatch read(std::uint64_t cursor, std::size_t maxBytes) override {
        ++reads_;
        const std::lock_guard lock(mutex_);
        auto text = std::make_shared<std::string>();
        while (cursor < events_.size() && text->size() < maxBytes)
            *text += events_[cursor++];
        return {text, cursor, finished_ && cursor == events_.size()};
    }

  private:
    std::mutex mutex_;
    std::vector<std::string> events_;
    bool finished_ = false;
    std::atomic<int> reads_{0};
};

class EventStreams : public test::ServerTest {
  protected:
    EventStreams() {
        router->add("GET", "/events", [this](Request& request) {
            const std::string last = request.header("Last-Event-ID");
            return Response::events(source, last.empty() ? 0 : std::stoull(last));
        });
    }
    void publish(const std::string& data) {
        source->publish(data);
        front->events().wake();
    }
    bool awaitStreams(std::size_t count) {
        for (int i = 0; i < 1000 && front->events().streams() != count; ++i) {
            std::this_thread::sleep_for(10ms);
        }
        return front->events().streams() == count;
    }

    std::shared_ptr<FakeSource> source = std::make_shared<FakeSource>();
};

TEST_F(EventStreams, DeliverPastAndComingEventsInOrder) {
    start();
    source->publish("one");
    auto stream = client();
    stream.send(get("/events"));
    EXPECT_THAT(stream.readUntil("data: one\n\n"),
                testing::AllOf(testing::StartsWith("HTTP/1.1 200 "),
                               testing::HasSubstr("Content-Type: text/event-stream\r\n"),
                               testing::HasSubstr("X-Correlation-ID: "),
                               testing::HasSubstr("\r\n\r\nid: 1\ndata: one\n\n")));
    for (int i = 2; i <= 50; ++i)
        publish(std::to_string(i));
    const std::string all = stream.readUntil("data: 50\n\n");
    std::size_t at = 0;
    for (int i = 2; i <= 50; ++i) {
        at = all.find("id: " + std::to_string(i) + "\n", at);
        ASSERT_NE(at, std::string::npos) << i;
    }
}

TEST_F(EventStreams, ResumeAfterTheLastSeenEvent) {
    start();
    for (int i = 1; i <= 5; ++i)
        source->publish(std::to_string(i));
    auto stream = client();
    stream.send(get("/events", "Last-Event-ID: 3\r\n"));
    EXPECT_THAT(stream.readUntil("data: 5\n\n"), testing::HasSubstr("\r\n\r\nid: 4\n"));
}

TEST_F(EventStreams, HeadGetsOnlyTheHead) {
    start();
    auto connection = client();
    const auto answer = connection.ask("HEAD /events HTTP/1.1\r\nHost: t\r\n\r\n", true);
    EXPECT_EQ(answer.header("content-type"), "text/event-stream");
    EXPECT_TRUE(connection.closedByPeer());
}

TEST_F(EventStreams, EndWhenTheSourceIsFinished) {
    start();
    auto stream = client();
    stream.send(get("/events"));
    publish("one");
    stream.readUntil("data: one\n\n");
    source->publish("last");
    source->finish();
    front->events().wake();
    EXPECT_THAT(stream.readAll(), testing::EndsWith("data: last\n\n"));
    EXPECT_TRUE(awaitStreams(0));
    EXPECT_EQ(front->figures().connections, 0u);
}

TEST_F(EventStreams, BroadcastReachesACrowdWithFewReads) {
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    const std::size_t crowd = std::min<std::size_t>(1000, (limit.rlim_max - 200) / 2);
    start();
    std::vector<RawClient> streams;
    for (std::size_t i = 0; i < crowd; ++i) {
        streams.emplace_back(server->port());
        streams.back().send(get("/events"));
    }
    publish("hello");
    for (auto& stream : streams) {
        ASSERT_THAT(stream.readUntil("data: hello\n\n"), testing::HasSubstr("data: hello\n\n"));
    }
    const int before = source->reads();
    publish("again");
    for (auto& stream : streams) {
        ASSERT_THAT(stream.readUntil("data: again\n\n"), testing::HasSubstr("data: again\n\n"));
    }
    EXPECT_LT(source->reads() - before, 50) << "one rendering serves all";
    streams.clear();
    EXPECT_TRUE(awaitStreams(0));
}

TEST_F(EventStreams, ClientThatNeverReadsIsDroppedAndDelaysNobody) {
    frontOptions.events.stallLimit = 500ms;
    start();
    auto deaf = client(4096);
    deaf.send(get("/events"));
    auto keen = client();
    keen.send(get("/events"));
    ASSERT_TRUE(awaitStreams(2));
    for (int i = 0; i < 100; ++i)
        publish(std::string(50'000, 'x'));
    publish("end");
    EXPECT_THAT(keen.readUntil("data: end\n\n"), testing::EndsWith("data: end\n\n"));
    EXPECT_TRUE(awaitStreams(1));
}

TEST_F(EventStreams, QuietOnesGetHeartbeats) {
    frontOptions.events.heartbeat = 100ms;
    start();
    auto stream = client();
    stream.send(get("/events"));
    EXPECT_THAT(stream.readUntil("\r\n\r\n:\n\n:\n\n"), testing::HasSubstr("\r\n\r\n:\n\n:\n\n"));
    publish("still alive");
    EXPECT_THAT(stream.readUntil("alive\n\n"), testing::HasSubstr("id: 1\ndata: still alive\n\n"));
}

TEST_F(EventStreams, ClientsThatLeaveAreForgotten) {
    start();
    {
        auto stream = client();
        stream.send(get("/events"));
        ASSERT_TRUE(awaitStreams(1));
    }
    EXPECT_TRUE(awaitStreams(0));
    EXPECT_EQ(front->figures().connections, 0u);
}

TEST_F(EventStreams, BeyondTheBoundAreRefused) {
    frontOptions.events.maxStreams = 1;
    start();
    auto first = client();
    first.send(get("/events"));
    ASSERT_TRUE(awaitStreams(1));
    EXPECT_EQ(ask(get("/events")).status, 503);
}

TEST_F(EventStreams, AFailingSourceEndsItsStreamsOnly) {
    struct Failing : host::http::EventSource {
        host::http::EventBatch read(std::uint64_t, std::size_t) override {
            throw std::runtime_error("no database");
        }
    };
    router->add("GET", "/failing",
                [](Request&) { return Response::events(std::make_shared<Failing>(), 0); });
    start();
    auto good = client();
    good.send(get("/events"));
    auto bad = client();
    bad.send(get("/failing"));
    EXPECT_TRUE(bad.closedByPeer());
    publish("one");
    EXPECT_THAT(good.readUntil("one\n\n"), testing::HasSubstr("data: one\n\n"));
}

TEST_F(EventStreams, StopEndsThem) {
    start();
    auto stream = client();
    stream.send(get("/events"));
    ASSERT_TRUE(awaitStreams(1));
    server->stop(0ms);
    front->stop();
    EXPECT_TRUE(stream.closedByPeer());
}

}  // namespace
