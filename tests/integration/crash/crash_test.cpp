// kill -9: nothing accepted is lost, nothing is done twice.
#include <gtest/gtest.h>

#include <algorithm>

#include "integration/crash/crash_rounds.hpp"
#include "integration/support/generator.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;

TEST(Crash, LosesNothingAndDoublesNothing) {
    crashUnderLoad(16, Machines::AllWell);
}

TEST(Crash, DoesNotChangeWhenAJobBegan) {
    Simulator machine = simEndpoint(0.3);
    HostProcess host({{"endpoints", {machine.endpoint("M")}}});
    host.start();
    const std::string id = submit(host.client(), {{"prompt", "x"}, {"count", 2}});
    ASSERT_TRUE(eventually([&] { return !outputFiles(host).empty(); }));
    const Json began = statusOf(host.client(), id)["started_at"];
    EXPECT_TRUE(began.is_number());
    host.kill();
    host.start();
    const Json job = waitForEnd(host.client(), id);
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["started_at"], began);
}

TEST(Crash, APictureThatWasPlacedButNotRecordedIsRemovedAndDrawnAgain) {
    Simulator machine = simEndpoint(0.05);
    HostProcess host({{"endpoints", {machine.endpoint("M")}}});
    host.start();
    std::vector<std::string> names;
    for (int job = 0; job < 3; ++job) {
        const std::string id = submit(host.client(), {{"prompt", "x"}, {"count", 6}});
        // Kill when a new file has appeared: close to the moment between rename and commit. Not
        // five times, for that could be one picture's share of the host's deaths.
        for (int round = 0; round < 4; ++round) {
            const std::size_t had = outputFiles(host).size();
            eventually([&] { return outputFiles(host).size() > had; }, std::chrono::seconds(2));
            host.kill();
            host.start();
        }
        const Json status = waitForEnd(host.client(), id);
        ASSERT_EQ(status["status"], "completed") << status.dump(2);
        EXPECT_EQ(status["error"], nullptr);
        EXPECT_EQ(imagesOf(status).size(), 6U);
        for (const Json& image : imagesOf(status))
            names.push_back(image.value("filename", "none"));
    }
    std::sort(names.begin(), names.end());
    EXPECT_EQ(outputFiles(host), names);
}

}  // namespace

}  // namespace test
