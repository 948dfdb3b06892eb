// What the tests of foreign protocols share.
#pragma once

#include <string>

#include "imaging/pixels.hpp"
#include "integration/routes/routes_fixture.hpp"
#include "integration/support/simulator.hpp"

namespace test {

// A call on a connection of its own, which the test may close before the answer comes.
inline TcpSocket beginCall(const HostProcess& host, const std::string& path,
                           const host::Json& body) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    const std::string text = body.dump();
    TcpSocket socket(host.client().address(), "", until);
    EXPECT_TRUE(socket.send(
        "POST " + path + " HTTP/1.1\r\nHost: " + host.client().address().text() +
            "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(text.size()) +
            "\r\n\r\n" + text,
        until));
    return socket;
}

// "" unless there is exactly one.
inline std::string statusOfOnlyJob(const HostProcess& host) {
    const host::Json jobs = host.client().get("/api/v1/jobs").json();
    return jobs.size() == 1 ? jobs[0].value("status", "") : "";
}

inline std::string sample(const std::string& name) {
    return readFile(std::filesystem::path(IPL_TEST_DATA) / "pictures" / name);
}

// The job of an answer to an edit with alpha.png as its mask: what is transparent there, at the top
// left, is to be repainted, so it is white.
inline void expectMaskOfAlpha(const HostProcess& host, const HttpAnswer& answer) {
    ASSERT_EQ(answer.status, 200) << answer.body;
    const host::Json request = statusOf(host.client(), answer.header("X-Job-ID"))["request"];
    ASSERT_EQ(request["inputs"].size(), 1U);
    EXPECT_EQ(request["inputs"][0]["role"], "mask");
    const auto mask =
        host::imaging::decode(readFile(host.folder() / "jobs-data" / "inputs" /
                                       request["inputs"][0]["file"].get<std::string>()),
                              0);
    ASSERT_TRUE(mask.ok());
    EXPECT_EQ(mask->rgb.front(), 255) << "transparent, at the top left";
    EXPECT_EQ(mask->rgb.back(), 0) << "opaque, at the bottom right";
}

}  // namespace test
