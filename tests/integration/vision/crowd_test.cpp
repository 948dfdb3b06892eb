// Many clients, impatient clients, and the end of the host, while the model takes its time.
#include <future>

#include "integration/support/health_pulse.hpp"
#include "integration/vision/vision_fixture.hpp"

namespace test {

namespace {

using host::Json;
using namespace std::chrono_literals;

std::string rawRequest(const HttpClient& client) {
    Form form;
    form.file("image", "p.jpg", "image/jpeg", samplePicture("plain.jpg"));
    const std::string body = form.body();
    std::string text = "POST /api/analyze HTTP/1.1\r\nHost: " + client.address().text() +
                       "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    for (const auto& [name, value] : form.headers())
        text += name + ": " + value + "\r\n";
    return text + "\r\n" + body;
}

TEST(VisionCrowd, AClientThatHangsUpFreesTheModel) {
    HoldingModel model;
    HostProcess host({{"vision", chatAt(model.url(), 60)}});
    host.start();
    const HttpClient client = visionOf(host);
    const auto until = std::chrono::steady_clock::now() + 30s;
    TcpSocket first(client.address(), "", until);
    ASSERT_TRUE(first.send(rawRequest(client), until));
    ASSERT_TRUE(eventually([&] { return model.asked() == 1; }));
    // The second one waits for the first, and leaves before its turn.
    TcpSocket second(client.address(), "", until);
    ASSERT_TRUE(second.send(rawRequest(client), until));
    second.close();
    first.close();
    EXPECT_TRUE(eventually([&] { return model.left() == 1; })) << "the model goes on for nobody";
    model.release();
    EXPECT_EQ(analyze(host).status, 200) << "the place is free again";
    EXPECT_LE(model.asked(), 3);
}

TEST(VisionCrowd, SoManyAtATimeSoManyWaitAndTheRestIsRefused) {
    constexpr int kClients = 36;  // one looks, 32 wait
    HoldingModel model;
    HostProcess host({{"vision", chatAt(model.url(), 60)}});
    host.start();
    const HealthPulse pulse(host, "json_from_image");
    std::vector<std::future<HttpAnswer>> answers;
    std::atomic<int> refused{0};
    for (int i = 0; i < kClients; ++i) {
        answers.push_back(std::async(std::launch::async, [&] {
            HttpAnswer answer = analyze(host);
            if (answer.status == 503) ++refused;
            return answer;
        }));
    }
    EXPECT_TRUE(eventually([&] { return refused == kClients - 33; })) << refused;
    model.release();
    int good = 0;
    for (auto& future : answers) {
        const HttpAnswer answer = future.get();
        if (answer.status == 200) ++good;
        if (answer.status != 503) continue;
        EXPECT_EQ(codeOf(answer), "SERVICE_UNAVAILABLE");
        EXPECT_TRUE(answer.has("Retry-After"));
    }
    EXPECT_EQ(good, 33);
    EXPECT_EQ(model.atOnce(), 1);
}

TEST(VisionCrowd, PromptsFromPicturesWaitForTheSameTurns) {
    HoldingModel model;
    HostProcess host({{"vision", chatAt(model.url(), 60)},
                      {"prompt", {{"plugin", "wordsmith"}, {"concurrency", 2}}},
                      {"endpoints", {{{"name", "E"}, {"plugin", "echo"}}}}});
    host.start();
    const std::string job =
        submit(host.client(),
               {{"prompt", "x"}, {"random", true}, {"image", base64(samplePicture("plain.jpg"))}});
    ASSERT_NE(job, "");
    ASSERT_TRUE(eventually([&] { return model.asked() == 1; }));
    auto other = std::async(std::launch::async, [&] { return analyze(host); });
    model.release();
    EXPECT_EQ(other.get().status, 200);
    EXPECT_EQ(waitForEnd(host.client(), job)["status"], "completed");
    EXPECT_EQ(model.atOnce(), 1);
}

TEST(VisionCrowd, AShutdownEndsTheCallAndTellsTheClient) {
    HoldingModel model;
    HostProcess host({{"vision", chatAt(model.url(), 60)}, {"shutdown_grace_seconds", 20}});
    host.start();
    auto waiting = std::async(std::launch::async, [&] { return analyze(host); });
    ASSERT_TRUE(eventually([&] { return model.asked() == 1; }));
    EXPECT_EQ(host.stop(15s), 0);
    const HttpAnswer answer = waiting.get();
    EXPECT_EQ(answer.status, 503) << answer.body;
    EXPECT_EQ(codeOf(answer), "SERVICE_UNAVAILABLE");
    EXPECT_EQ(model.left(), 1);
}

}  // namespace

}  // namespace test
