// Drawings that are followed, stopped and kept apart, against servers that differ in what they can.
#include <array>
#include <atomic>
#include <condition_variable>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <sstream>
#include <thread>

#include "common/base64.hpp"
#include "plugins/a1111/family.hpp"

namespace test {

namespace {

using host::Json;
using host::plugins::CallStatus;
using host::plugins::Cancellation;
using host::plugins::CancelReason;
using ::testing::Contains;
using ::testing::Each;
using namespace std::chrono_literals;

std::string wholePicture() {
    std::ifstream file(std::string(IPL_TEST_DATA) + "/sd-server/txt2img_ok.full.png",
                       std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return bytes.str();
}

// A drawing that goes on until it is interrupted or released. A copy is the same gate: the server
// may still be at it when the test has left it.
class Gate {
  public:
    void release() const {
        {
            const std::lock_guard lock(state_->mutex);
            state_->open = true;
        }
        state_->changed.notify_all();
    }
    void wait() const {
        std::unique_lock lock(state_->mutex);
        state_->changed.wait_for(lock, 20s, [this] { return state_->open; });
    }

  private:
    struct State {
        std::mutex mutex;
        std::condition_variable changed;
        bool open = false;
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

Family::Answer heldBack(const Gate& gate) {
    const Recording answer = readRecording(IPL_TEST_DATA, "forge-http-layer/txt2img_ok");
    return [gate, answer](sim::Connection& connection, const sim::Request&) {
        gate.wait();
        return connection.reply(answer.status, "application/json", answer.body());
    };
}

Family::Answer taskState(const std::string& json) {
    return [json](sim::Connection& connection, const sim::Request&) {
        return connection.reply(200, "application/json", json);
    };
}

TEST(SdServer, WithoutProgressAndInterruptDrawsAllTheSame) {
    Family server("sd-server");
    const std::string png = wholePicture();
    server.on("POST /sdapi/v1/txt2img", [&](sim::Connection& connection, const sim::Request&) {
        Json body = Json::parse(readRecording(IPL_TEST_DATA, "sd-server/txt2img_ok").body());
        body["images"][0] = upstream::base64(png);
        return connection.reply(200, "application/json", body.dump());
    });
    A1111Plugin plugin = startA1111(server);
    const Outcome outcome = drawWith(plugin);
    ASSERT_TRUE(outcome.result.ok()) << outcome.result.message;
    EXPECT_EQ(outcome.collected->committed().at(0).bytes, png);
    const Json body = Json::parse(server.requests("POST /sdapi/v1/txt2img")[0].body);
    EXPECT_FALSE(body.contains("force_task_id"));
}

TEST(SdServer, RoundsUpTo64AndSoSizesAreMultiplesOfIt) {
    const auto multipleOf = [](A1111Plugin plugin) {
        return Json::parse(
            plugin.run([](auto& backend, const auto& context) { return backend.describe(context); })
                .result.text)["size"]["multiple_of"];
    };
    Family sdServer("sd-server");
    EXPECT_EQ(multipleOf(startA1111(sdServer)), 64);
    Family forge;
    EXPECT_EQ(multipleOf(startA1111(forge)), 8);
}

TEST(SdServer, CutsASeedAndTheOneItUsedIsReported) {
    Family server("sd-server");
    server.on("POST /sdapi/v1/txt2img", [&](sim::Connection& connection, const sim::Request&) {
        Json body =
            Json::parse(readRecording(IPL_TEST_DATA, "sd-server/txt2img_seed_2pow40").body());
        body["images"][0] = upstream::base64(wholePicture());
        return connection.reply(200, "application/json", body.dump());
    });
    A1111Plugin plugin = startA1111(server);
    host::plugins::ImageRequest request = a1111Request();
    request.seed = std::int64_t{1} << 40;
    EXPECT_EQ(drawWith(plugin, request).collected->committed().at(0).info.seed, 0);
}

TEST(DrawThings, IsSpokenToInItsOwnWords) {
    Family server("sd-server");
    server.play("GET /sdapi/v1/samplers", "progress_404");
    server.on("GET /", taskState(R"({"model": "z_q8p.ckpt", "sampler": "Euler A Substep"})"));
    server.on("POST /sdapi/v1/txt2img", taskState(R"({"images": ["iVBORyBwaWN0dXJl"]})"));
    A1111Plugin plugin = startA1111(server, {{"sampler", "Euler A Substep"}});
    ASSERT_TRUE(
        plugin.run([](auto& backend, const auto& context) { return backend.probe(context); })
            .result.ok());
    ASSERT_TRUE(drawWith(plugin).result.ok());
    const Json body = Json::parse(server.requests("POST /sdapi/v1/txt2img")[0].body);
    EXPECT_EQ(body["guidance_scale"], 7);
    EXPECT_EQ(body["sampler"], "Euler A Substep");
    EXPECT_EQ(body.value("batch_count", 0), 1);
    EXPECT_EQ(body.value("batch_size", 0), 1) << "else as many as its panel says";
    EXPECT_FALSE(body.contains("cfg_scale"));
    EXPECT_FALSE(body.contains("override_settings"));
}

TEST(Bars, NeverRunBackwardsAndNeverSayThatItIsDone) {
    Family server;
    const Gate gate;
    server.on("POST /sdapi/v1/txt2img", heldBack(gate));
    // As recorded: high, back to nothing before the answer, then the flags of the job before.
    std::atomic<int> asked{0};
    server.on("POST /internal/progress", [&](sim::Connection& connection, const sim::Request&) {
        const int now = asked++;
        const char* const fraction = now == 1 ? "0.6" : now == 2 ? "0.2" : "0.0";
        if (now >= 4) gate.release();
        return connection.reply(200, "application/json",
                                std::string(R"({"active": true, "queued": false, "completed": false,
                                                "progress": )") +
                                    fraction + R"(, "eta": null, "live_preview": null,
                                                "id_live_preview": -1, "textinfo": null})");
    });
    A1111Plugin plugin = startA1111(server);
    const Outcome outcome = drawWith(plugin);
    ASSERT_TRUE(outcome.result.ok()) << outcome.result.message;
    double last = -1;
    for (const double fraction : outcome.collected->fractions()) {
        EXPECT_GE(fraction, last);
        EXPECT_LT(fraction, 1);
        last = fraction;
    }
    EXPECT_DOUBLE_EQ(last, 0.6);
}

TEST(Cancel, InterruptsTheDrawingThatIsOurs) {
    Family server;
    const Gate gate;
    server.on("POST /sdapi/v1/txt2img", heldBack(gate));
    server.on(
        "POST /internal/progress",
        taskState(R"({"active": true, "queued": false, "completed": false, "progress": 0.3})"));
    server.on("POST /sdapi/v1/interrupt", [&](sim::Connection& connection, const sim::Request&) {
        gate.release();
        return connection.reply(200, "application/json", "{}");
    });
    A1111Plugin plugin = startA1111(server);
    const auto cancellation = std::make_shared<Cancellation>();
    std::thread user([&] {
        server.waitFor("POST /sdapi/v1/txt2img");
        cancellation->cancel(CancelReason::User);
    });
    const Outcome outcome = drawWith(plugin, a1111Request(), 20s, cancellation);
    user.join();
    EXPECT_EQ(outcome.result.status, CallStatus::Cancelled);
    EXPECT_EQ(server.requests("POST /sdapi/v1/interrupt").size(), 1U);
}

TEST(Cancel, OfADrawingThatWaitsThereInterruptsNobodyElses) {
    Family server;
    const Gate gate;
    server.on("POST /sdapi/v1/txt2img", heldBack(gate));
    server.play("POST /internal/progress", "internal_progress_queued");
    A1111Plugin plugin = startA1111(server);
    const auto cancellation = std::make_shared<Cancellation>();
    std::thread user([&] {
        server.waitFor("POST /sdapi/v1/txt2img");
        cancellation->cancel(CancelReason::User);
    });
    const Outcome outcome = drawWith(plugin, a1111Request(), 20s, cancellation);
    user.join();
    gate.release();
    EXPECT_EQ(outcome.result.status, CallStatus::Cancelled);
    EXPECT_TRUE(server.requests("POST /sdapi/v1/interrupt").empty());
}

// What runs there, before and after our drawing was asked for.
Family::Answer whatRuns(Family& server, std::string before, std::string after,
                        std::function<void()> onLookAfter = {}) {
    return
        [&server, before = std::move(before), after = std::move(after),
         onLookAfter = std::move(onLookAfter)](sim::Connection& connection, const sim::Request&) {
            const bool asked = !server.requests("POST /sdapi/v1/txt2img").empty();
            if (asked && onLookAfter) onLookAfter();
            const std::string& stamp = asked ? after : before;
            const Json state{{"job_count", stamp == "0" ? 0 : 1},
                             {"job_timestamp", stamp},
                             {"sampling_step", 2},
                             {"sampling_steps", 5}};
            return connection.reply(200, "application/json",
                                    Json{{"progress", 0.4}, {"state", state}}.dump());
        };
}

std::size_t interruptsAfterACancel(Family& server) {
    const Gate gate;
    server.on("POST /sdapi/v1/txt2img", heldBack(gate));
    A1111Plugin plugin = startA1111(server);
    const auto cancellation = std::make_shared<Cancellation>();
    std::thread user([&] {
        server.waitFor("POST /sdapi/v1/txt2img");
        cancellation->cancel(CancelReason::User);
    });
    EXPECT_EQ(drawWith(plugin, a1111Request(), 20s, cancellation).result.status,
              CallStatus::Cancelled);
    user.join();
    gate.release();
    return server.requests("POST /sdapi/v1/interrupt").size();
}

constexpr const char* kTheirs = "20260101000001";
constexpr const char* kOurs = "20260101000009";

// A server without tasks, and SD.Next, which never knows ours.
constexpr std::array kWithoutOurTask{"not_found", "internal_progress_unknown"};

TEST(Cancel, OfADrawingThatWaitsInterruptsNobodyElsesWhereNoTaskIsTold) {
    for (const char* const task : kWithoutOurTask) {
        Family server;
        server.play("POST /internal/progress", task);
        server.on("GET /sdapi/v1/progress", whatRuns(server, kTheirs, kTheirs));
        EXPECT_EQ(interruptsAfterACancel(server), 0U) << task;
    }
}

TEST(Cancel, InterruptsWhatWasBegunAfterOursWasAskedForWhereNoTaskIsTold) {
    for (const char* const task : kWithoutOurTask) {
        Family server;
        server.play("POST /internal/progress", task);
        server.on("GET /sdapi/v1/progress", whatRuns(server, kTheirs, kOurs));
        EXPECT_EQ(interruptsAfterACancel(server), 1U) << task;
    }
}

// Nothing that it waits for can come any more: a task that was not told by then never is.
TEST(Cancel, OfADrawingThatIsUnderWayTakesOneLookWhereNoTaskIsTold) {
    Family server;
    const Gate gate;
    server.on("POST /sdapi/v1/txt2img", heldBack(gate));
    server.on("GET /sdapi/v1/progress", whatRuns(server, "0", kOurs));
    A1111Plugin plugin = startA1111(server);
    const auto cancellation = std::make_shared<Cancellation>();
    std::size_t looks = 0;
    std::thread user([&] {
        // The one of before the drawing, and the first of who follows it, after half a second.
        server.waitFor("POST /internal/progress", 2);
        looks = server.requests("POST /internal/progress").size();
        cancellation->cancel(CancelReason::User);
    });
    EXPECT_EQ(drawWith(plugin, a1111Request(), 20s, cancellation).result.status,
              CallStatus::Cancelled);
    user.join();
    gate.release();
    EXPECT_EQ(server.requests("POST /sdapi/v1/interrupt").size(), 1U);
    EXPECT_LE(server.requests("POST /internal/progress").size(), looks + 1);
}

TEST(Cancel, InterruptsAlsoWhenTheServerIsSilentOnce) {
    Family server;
    std::atomic<int> looks{0};
    server.play("POST /internal/progress", "not_found");
    const Family::Answer state = whatRuns(server, "0", kOurs);
    server.on("GET /sdapi/v1/progress", [&](sim::Connection& connection, const sim::Request& now) {
        if (!server.requests("POST /sdapi/v1/txt2img").empty() && looks++ == 0) return false;
        return state(connection, now);
    });
    EXPECT_EQ(interruptsAfterACancel(server), 1U);
}

TEST(SdNext, ThatNeverKnowsOurTaskShowsStepsAllTheSame) {
    Family server;
    const Gate gate;
    server.on("POST /sdapi/v1/txt2img", heldBack(gate));
    std::atomic<int> looks{0};
    // The first look finds that it is ours, the next one is followed.
    server.on("GET /sdapi/v1/progress", whatRuns(server, "0", kOurs, [&] {
                  if (++looks == 4) gate.release();
              }));
    A1111Plugin plugin = startA1111(server);
    const Outcome outcome = drawWith(plugin);
    ASSERT_TRUE(outcome.result.ok()) << outcome.result.message;
    EXPECT_THAT(outcome.collected->fractions(), Contains(0.4));
    ASSERT_TRUE(drawWith(plugin).result.ok());
    EXPECT_FALSE(
        Json::parse(server.requests("POST /sdapi/v1/txt2img").at(1).body).contains("force_task_id"))
        << "it is remembered";
}

TEST(AServerThatIsStarting, IsAskedAgainWhatItCan) {
    Family server;
    server.on("GET /sdapi/v1/progress", [](sim::Connection& connection, const sim::Request&) {
        return connection.reply(503, "text/html", "<html>starting</html>");
    });
    A1111Plugin plugin = startA1111(server);
    ASSERT_TRUE(drawWith(plugin).result.ok());
    server.play("GET /sdapi/v1/progress", "progress_idle");
    ASSERT_TRUE(drawWith(plugin).result.ok());
    EXPECT_TRUE(Json::parse(server.requests("POST /sdapi/v1/txt2img").at(1).body)
                    .contains("force_task_id"));
}

TEST(Deadline, PassedInTheMiddleStopsTheServerToo) {
    Family server;
    const Gate gate;
    server.on("POST /sdapi/v1/txt2img", heldBack(gate));
    server.on(
        "POST /internal/progress",
        taskState(R"({"active": true, "queued": false, "completed": false, "progress": 0.3})"));
    A1111Plugin plugin = startA1111(server);
    const Outcome outcome = drawWith(plugin, a1111Request(), 700ms);
    gate.release();
    EXPECT_EQ(outcome.result.status, CallStatus::Timeout) << outcome.result.message;
    EXPECT_EQ(server.requests("POST /sdapi/v1/interrupt").size(), 1U);
}

TEST(OneServer, ThatTwoEndpointsNameDrawsOneAtATime) {
    Family server;
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    const Recording answer = readRecording(IPL_TEST_DATA, "forge-http-layer/txt2img_ok");
    server.on("POST /sdapi/v1/txt2img", [&](sim::Connection& connection, const sim::Request&) {
        const int now = ++inside;
        most = std::max(most.load(), now);
        connection.workFor(sim::Milliseconds(100));
        --inside;
        return connection.reply(answer.status, "application/json", answer.body());
    });
    A1111Plugin one = startA1111(server);
    A1111Plugin two = startA1111(server);
    std::thread other([&] { EXPECT_TRUE(drawWith(two).result.ok()); });
    EXPECT_TRUE(drawWith(one).result.ok());
    other.join();
    EXPECT_EQ(most, 1);
}

TEST(Answers, WithoutAnEndOrCutOffFailTheCallOnly) {
    Family server;
    server.on("POST /sdapi/v1/txt2img", [](sim::Connection& connection, const sim::Request&) {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{\"images\": [\"iVBOR");
        return false;
    });
    A1111Plugin plugin = startA1111(server);
    EXPECT_EQ(drawWith(plugin).result.status, CallStatus::Unavailable);
    server.play("POST /sdapi/v1/txt2img", "txt2img_ok");
    EXPECT_TRUE(drawWith(plugin).result.ok());
}

}  // namespace

}  // namespace test
