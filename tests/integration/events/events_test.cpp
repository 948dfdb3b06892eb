// Server-sent events as a client follows them, also across a crash of the host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/sse_client.hpp"
#include "integration/support/generator.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;

Json slowConfig(double seconds) {
    return {{"endpoints",
             {{{"name", "Slow"}, {"plugin", "slow"}, {"settings", {{"seconds", seconds}}}}}}};
}

Headers after(std::uint64_t id) {
    return {{"Last-Event-ID", std::to_string(id)}};
}

bool endsJob(const SseEvent& event) {
    if (event.type != "job") return false;
    const std::string status = event.data.value("status", "");
    return status == "completed" || status == "failed" || status == "cancelled";
}

// Events that are kept: progress passes by and is not told again.
bool isKept(const SseEvent& event) {
    return !event.data.contains("progress");
}

std::vector<SseEvent> readToEnd(SseClient& stream) {
    std::vector<SseEvent> events;
    while (auto event = stream.next()) {
        events.push_back(*event);
        if (endsJob(*event)) break;
    }
    return events;
}

void expectGrowing(const std::vector<SseEvent>& events) {
    for (std::size_t i = 1; i < events.size(); ++i) {
        if (isKept(events[i])) {
            EXPECT_LT(events[i - 1].id, events[i].id) << events[i - 1].data.dump() << "\n"
                                                      << events[i].data.dump();
        } else {
            EXPECT_LE(events[i - 1].id, events[i].id);
        }
    }
}

std::string pathOf(const std::string& jobId) {
    return "/api/v1/jobs/" + jobId + "/events";
}

// The page used to ask for the status every two seconds to learn that there was a preview, and a
// quick drawing was over by then.
TEST(JobEvents, TellOfAPreviewAsSoonAsItIsThere) {
    HostProcess host({{"endpoints", {{{"name", "S 1"}, {"plugin", "sketch"}}}}});
    host.start();
    SseClient all(host.url(), "/api/v1/events");
    const std::string id =
        submit(host.client(), {{"prompt", "boats"}, {"size", "4mp"}, {"steps", 200}});
    ASSERT_NE(id, "");
    const std::string url = "/api/v1/jobs/" + id + "/previews/S%201";
    bool told = false;
    while (auto event = all.next()) {
        if (event->type == "endpoint" && event->data.contains("preview_url")) {
            EXPECT_EQ(event->data["preview_url"], url);
            told = true;
        }
        if (event->type == "image") break;
    }
    EXPECT_TRUE(told);
}

TEST(JobEvents, TellTheWholeStoryInOrder) {
    Simulator machine = simEndpoint(0.05);
    Simulator llm = simLlm(0.05);
    HostProcess host({{"prompt", llm.prompt()}, {"endpoints", {machine.endpoint("M")}}});
    host.start();
    SseClient all(host.url(), "/api/v1/events");
    ASSERT_EQ(all.status(), 200);
    const std::string id =
        submit(host.client(), {{"prompt", "boats"}, {"random", true}, {"count", 3}});
    ASSERT_NE(id, "");

    std::vector<SseEvent> events;
    while (auto event = all.next()) {
        if (event->data.contains("job_id")) {
            EXPECT_EQ(event->data["job_id"], id);
        } else {
            EXPECT_EQ(event->type, "queue");
            EXPECT_TRUE(event->data["queue_size"].is_number());
        }
        EXPECT_TRUE(event->data["time"].is_number());
        events.push_back(*event);
        if (endsJob(*event)) break;
    }
    ASSERT_FALSE(events.empty());
    expectGrowing(events);

    std::vector<std::string> statuses;
    std::vector<std::string> filenames;
    std::map<int, std::vector<std::string>> ofRun;
    for (const SseEvent& event : events) {
        if (event.type == "job") statuses.push_back(event.data["status"]);
        if (event.type == "run") {
            EXPECT_EQ(event.data["llm_status"]["source"], "llm");
            ofRun[event.data["run"]].push_back("prompt");
        }
        if (event.type == "image") {
            EXPECT_EQ(event.data["success"], true);
            filenames.push_back(event.data["filename"]);
            ofRun[event.data["run"]].push_back("image");
        }
        if (event.type == "endpoint" && isKept(event))
            ofRun[event.data["run"]].push_back(event.data["state"]);
    }
    EXPECT_THAT(statuses, ::testing::ElementsAre("queued", "running", "completed"));
    ASSERT_EQ(ofRun.size(), 3U);
    for (const auto& [run, steps] : ofRun)
        EXPECT_THAT(steps, ::testing::ElementsAre("prompt", "generating", "image", "done")) << run;
    std::vector<std::string> stored;
    for (const Json& image : imagesOf(statusOf(host.client(), id)))
        stored.push_back(image["filename"]);
    EXPECT_THAT(filenames, ::testing::UnorderedElementsAreArray(stored));
}

TEST(JobEvents, EndWithTheJob) {
    HostProcess host(slowConfig(0.3));
    host.start();
    const std::string id = submit(host.client(), {{"prompt", "x"}});
    SseClient stream(host.url(), pathOf(id));
    const std::vector<SseEvent> events = readToEnd(stream);
    ASSERT_FALSE(events.empty());
    EXPECT_EQ(events.back().data["status"], "completed");
    EXPECT_FALSE(stream.next(std::chrono::seconds(10)));
    EXPECT_TRUE(stream.ended());
}

TEST(JobEvents, AClientThatComesLateGetsTheEndOfAFinishedJob) {
    HostProcess host(slowConfig(0.01));
    host.start();
    const Json job = run(host.client(), {{"prompt", "x"}});
    const std::string id = job["job_id"];
    for (int round = 0; round < 2; ++round) {
        SseClient late(host.url(), pathOf(id));
        const std::vector<SseEvent> events = readToEnd(late);
        ASSERT_EQ(events.size(), 1U);
        EXPECT_EQ(events[0].type, "job");
        EXPECT_EQ(events[0].data["job_id"], id);
        EXPECT_EQ(events[0].data["status"], "completed");
        EXPECT_FALSE(late.next(std::chrono::seconds(10)));
        EXPECT_TRUE(late.ended());
        // Also after a restart, when the history is on the disk only.
        ASSERT_EQ(host.stop(), 0);
        host.start();
    }
}

TEST(JobEvents, ResumeWithoutAGapOrADouble) {
    HostProcess host(slowConfig(0.02));
    host.start();
    SseClient whole(host.url(), "/api/v1/events");
    const std::string id = submit(host.client(), {{"prompt", "x"}, {"count", 10}});
    const std::vector<SseEvent> events = readToEnd(whole);
    std::vector<SseEvent> kept;
    std::copy_if(events.begin(), events.end(), std::back_inserter(kept), [](const SseEvent& event) {
        return isKept(event) && event.data.contains("job_id");
    });
    ASSERT_GT(kept.size(), 30U);
    for (const std::size_t from : {std::size_t{0}, kept.size() / 2, kept.size() - 2}) {
        SseClient again(host.url(), pathOf(id), after(kept[from].id));
        std::vector<SseEvent> rest = readToEnd(again);
        std::erase_if(rest, [](const SseEvent& event) { return !isKept(event); });
        ASSERT_EQ(rest.size(), kept.size() - from - 1);
        for (std::size_t i = 0; i < rest.size(); ++i) {
            EXPECT_EQ(rest[i].id, kept[from + 1 + i].id);
            EXPECT_EQ(rest[i].type, kept[from + 1 + i].type);
            EXPECT_EQ(rest[i].data, kept[from + 1 + i].data);
        }
    }
}

TEST(JobEvents, GoOnAfterTheHostWasKilled) {
    HostProcess host(slowConfig(0.1));
    host.start();
    std::vector<SseEvent> events;
    auto stream = std::make_unique<SseClient>(host.url(), "/api/v1/events");
    const std::string id = submit(host.client(), {{"prompt", "x"}, {"count", 12}});
    for (int kills = 0; kills < 3; ++kills) {
        const std::size_t had = events.size();
        while (events.size() < had + 8) {
            auto event = stream->next();
            ASSERT_TRUE(event);
            events.push_back(*event);
        }
        host.kill();
        // What was on its way already counts as seen.
        while (auto event = stream->next(std::chrono::milliseconds(2000)))
            events.push_back(*event);
        host.start();
        stream = std::make_unique<SseClient>(host.url(), "/api/v1/events", after(stream->lastId()));
    }
    const std::vector<SseEvent> rest = readToEnd(*stream);
    events.insert(events.end(), rest.begin(), rest.end());
    expectGrowing(events);
    EXPECT_THAT(events, ::testing::Each(::testing::Field(&SseEvent::type, ::testing::Ne("reset"))));

    std::set<std::string> told;
    for (const SseEvent& event : events) {
        if (event.type != "image") continue;
        EXPECT_TRUE(told.insert(event.data["filename"]).second) << "told twice";
    }
    std::set<std::string> stored;
    for (const Json& image : imagesOf(statusOf(host.client(), id)))
        stored.insert(image["filename"]);
    EXPECT_EQ(stored.size(), 12U);
    EXPECT_EQ(told, stored);
}

TEST(Events, ResetAClientWhoseIdIsUnknown) {
    HostProcess host(slowConfig(0.01));
    host.start();
    run(host.client(), {{"prompt", "x"}});
    SseClient stream(host.url(), "/api/v1/events", after(999'999'999));
    const auto reset = stream.next();
    ASSERT_TRUE(reset);
    EXPECT_EQ(reset->type, "reset");
    const std::string id = submit(host.client(), {{"prompt", "y"}});
    const auto next = stream.next();
    ASSERT_TRUE(next);
    EXPECT_NE(next->type, "reset");
    EXPECT_GT(next->id, reset->id);
    EXPECT_EQ(HttpClient(host.url()).get("/api/v1/events", {{"Last-Event-ID", "x"}}).status, 400);
}

TEST(Events, BeginNowForAClientWithoutAnId) {
    HostProcess host(slowConfig(0.01));
    host.start();
    run(host.client(), {{"prompt", "before"}});
    SseClient stream(host.url(), "/api/v1/events");
    const std::string id = submit(host.client(), {{"prompt", "after"}});
    const std::vector<SseEvent> events = readToEnd(stream);
    for (const SseEvent& event : events) {
        if (event.data.contains("job_id")) EXPECT_EQ(event.data["job_id"], id);
    }
    ASSERT_FALSE(events.empty());
    EXPECT_EQ(events.back().data["job_id"], id);
}

TEST(Events, OfOneJobLeaveTheOthersOut) {
    HostProcess host(slowConfig(0.2));
    host.start();
    const std::string first = submit(host.client(), {{"prompt", "x"}, {"count", 2}});
    const std::string second = submit(host.client(), {{"prompt", "y"}, {"count", 2}});
    SseClient stream(host.url(), pathOf(second));
    for (const SseEvent& event : readToEnd(stream))
        EXPECT_EQ(event.data["job_id"], second);
}

}  // namespace

}  // namespace test
