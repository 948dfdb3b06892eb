// GET /metrics of a running host: well-formed, and true to what happens.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <string>
#include <vector>

#include "common/metrics_text.hpp"
#include "common/sse_client.hpp"
#include "common/tcp_socket.hpp"
#include "integration/faults/process_figures.hpp"
#include "integration/support/generator.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;

std::string metrics(const HttpClient& client) {
    const HttpAnswer answer = client.get("/metrics");
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    return answer.body;
}

double valueOf(const HttpClient& client, std::string_view name, std::string_view labels = "") {
    return metricOf(metrics(client), name, labels).value_or(-1);
}

// What Prometheus' own tool says of it; "" when there is nothing to say.
std::string promtool(const TempDir& folder, const std::string& text) {
    std::ofstream(folder / "metrics.txt") << text;
    const ProcessOptions options{
        .arguments = {"-c", "exec promtool check metrics < metrics.txt 2>&1"},
        .workingDirectory = folder.path(),
        .errorFile = {}};
    ChildProcess tool("/bin/sh", options);
    const std::string said = tool.readRest(std::chrono::seconds(30));
    const auto code = tool.wait(std::chrono::seconds(10));
    EXPECT_NE(code, 127) << "promtool is missing: it comes with Debian's package prometheus";
    return code == 0 ? said : said + " (exit code " + std::to_string(code.value_or(-1)) + ")";
}

TEST(MetricsRoute, IsWhatPrometheusReadsOnEveryPort) {
    HostProcess host;
    host.start();
    ASSERT_EQ(run(host.client(), {{"prompt", "a boat"}, {"random", true}})["status"], "completed");
    const TempDir folder;
    for (const char* service : {"dual_gen", "json_from_image", "create_json"}) {
        const HttpClient client(host.url(service));
        const std::string text = metrics(client);
        EXPECT_EQ(promtool(folder, text), "") << text;
        EXPECT_EQ(metricOf(text, "ipl_jobs_submitted_total"), 1) << service;
    }
}

TEST(MetricsRoute, CountsWhatAJobWentThrough) {
    HostProcess host({{"endpoints", Json::array({{{"name", "Good"}, {"plugin", "gradient"}}})}});
    host.start();
    const HttpClient client = host.client();
    run(client, {{"prompt", "a boat"}, {"count", 2}});
    // A status tells what is on disk as soon as it is there; the counts follow the commit.
    std::string text;
    ASSERT_TRUE(eventually([&] {
        text = metrics(client);
        return metricOf(text, "ipl_jobs", R"(status="running")") == 0;
    })) << text;
    EXPECT_EQ(metricOf(text, "ipl_jobs_submitted_total"), 1);
    EXPECT_EQ(metricOf(text, "ipl_jobs_finished_total", R"(status="completed")"), 1);
    EXPECT_EQ(metricOf(text, "ipl_pictures_total", R"(endpoint="Good")"), 2);
    EXPECT_EQ(metricOf(text, "ipl_attempts_total", R"(kind="image",endpoint="Good",outcome="ok")"),
              2);
    EXPECT_EQ(metricOf(text, "ipl_plugin_calls_total",
                       R"(instance="Good",function="generate",status="ok")"),
              2);
    EXPECT_EQ(
        metricOf(text, "ipl_plugin_call_seconds_count", R"(instance="Good",function="generate")"),
        2);
    EXPECT_EQ(metricOf(text, "ipl_claim_seconds_count"), 2);
    EXPECT_GE(metricOf(text, "ipl_commit_group_size_sum").value_or(0), 3);
    EXPECT_GE(metricOf(text, "ipl_commit_seconds_count").value_or(0), 2);
    EXPECT_EQ(metricOf(text, "ipl_oldest_job_age_seconds", R"(status="queued")"), 0);
}

TEST(MetricsRoute, RoutesAreCountedByTheirPatternsAndUnknownPathsAsOne) {
    HostProcess host;
    host.start();
    const HttpClient client = host.client();
    for (int i = 0; i < 3; ++i) {
        client.get("/api/v1/status/nosuch" + std::to_string(i));
        client.get("/no/such/path" + std::to_string(i));
    }
    const std::string text = metrics(client);
    EXPECT_EQ(metricOf(text, "ipl_http_requests_total",
                       R"(method="GET",route="/api/v1/status/{job_id}",status="4xx")"),
              3);
    EXPECT_EQ(metricOf(text, "ipl_http_requests_total", R"x(route="(none)",status="4xx")x"), 3);
    EXPECT_EQ(metricOf(text, "ipl_http_request_seconds_count",
                       R"(service="dual_gen",method="GET",route="/api/v1/status/{job_id}")"),
              3);
    EXPECT_EQ(text.find("nosuch"), std::string::npos);
    EXPECT_EQ(text.find("/no/such"), std::string::npos);
}

TEST(MetricsRoute, TellsWhatWaitsWhatRunsAndWhoListens) {
    const Simulator sim = simEndpoint(3600);
    HostProcess host({{"endpoints", Json::array({sim.endpoint("Slow")})}});
    host.start();
    const HttpClient client = host.client();
    const SseClient stream(host.url(), "/api/v1/events");
    submit(client, {{"prompt", "one"}});
    submit(client, {{"prompt", "two"}});
    ASSERT_TRUE(
        eventually([&] { return valueOf(client, "ipl_lane_busy", R"(endpoint="Slow")") == 1; }));
    const std::string text = metrics(client);
    EXPECT_EQ(metricOf(text, "ipl_jobs", R"(status="queued")"), 1);
    EXPECT_EQ(metricOf(text, "ipl_jobs", R"(status="running")"), 1);
    EXPECT_EQ(metricOf(text, "ipl_lane_ready_jobs", R"(endpoint="Slow")"), 1);
    EXPECT_EQ(metricOf(text, "ipl_lane_circuit_closed", R"(endpoint="Slow")"), 1);
    EXPECT_EQ(metricOf(text, "ipl_lane_busy", R"(kind="prompt",endpoint="")"), 0);
    EXPECT_GT(metricOf(text, "ipl_oldest_job_age_seconds", R"(status="queued")").value_or(0), 0);
    EXPECT_EQ(metricOf(text, "ipl_event_streams"), 1);
    EXPECT_GE(metricOf(text, "ipl_http_connections").value_or(0), 2);
}

TEST(MetricsRoute, CountsPromptsThatAModelWrites) {
    const Simulator llm = simLlm(0.02);
    Json prompt = llm.prompt();
    prompt["concurrency"] = 3;
    HostProcess host({{"prompt", prompt}, {"endpoints", {{{"name", "E"}, {"plugin", "echo"}}}}});
    host.start();
    const HttpClient client = host.client();
    run(client, {{"prompt", "a pier"}, {"random", true}, {"count", 2}});
    const std::string text = metrics(client);
    EXPECT_EQ(metricOf(text, "ipl_attempts_total", R"(kind="prompt",endpoint="",outcome="ok")"), 2);
    EXPECT_EQ(metricOf(text, "ipl_lane_capacity", R"(kind="prompt",endpoint="")"), 3);
    EXPECT_EQ(metricOf(text, "ipl_lane_capacity", R"(endpoint="E")"), 1);
    const char* calls = R"(plugin="chat",instance="prompt",function="complete")";
    EXPECT_EQ(metricOf(text, "ipl_plugin_call_seconds_count", calls), 2);
    EXPECT_GE(metricOf(text, "ipl_plugin_call_seconds_sum", calls).value_or(0), 0.04);
}

TEST(MetricsRoute, TellsOfConnectionsThatWaitAndOfWhatTheyHaveSentSoFar) {
    HostProcess host;
    host.start();
    const HttpClient client = host.client();
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    const std::string before = metrics(client);
    EXPECT_LT(metricOf(before, "ipl_http_buffered_bytes").value_or(1e9), 100'000);
    std::string text;
    double open = 0;
    {
        std::vector<TcpSocket> idle;
        for (int i = 0; i < 20; ++i)
            idle.emplace_back(client.address(), "", until);
        TcpSocket slow(client.address(), "", until);
        ASSERT_TRUE(
            slow.send("POST /api/v1/generate HTTP/1.1\r\nHost: x\r\n"
                      "Content-Type: application/json\r\nContent-Length: 2000000\r\n\r\n" +
                          std::string(1'000'000, ' '),
                      until));
        EXPECT_TRUE(eventually([&] {
            text = metrics(client);
            return metricOf(text, "ipl_http_connections_parked") >= 21 &&
                   metricOf(text, "ipl_http_buffered_bytes") >= 1'000'000;
        })) << text;
        EXPECT_GE(metricOf(text, "ipl_http_connections").value_or(0), 21);
        open = metricOf(text, "process_open_fds").value_or(0);
        EXPECT_GE(open, 21);
    }
    EXPECT_TRUE(eventually([&] {
        text = metrics(client);
        return metricOf(text, "ipl_http_connections") <= 2 &&
               metricOf(text, "ipl_http_connections_parked") <= 2 &&
               metricOf(text, "ipl_http_buffered_bytes") < 100'000 &&
               metricOf(text, "process_open_fds") <= open - 15;  // it also opens some of its own
    })) << text;
}

TEST(MetricsRoute, TellsWhatTheKernelSaysOfTheProcess) {
    HostProcess host;
    host.start();
    const HttpClient client = host.client();
    const std::string text = metrics(client);
    const pid_t pid = host.process().pid();
    const double resident = static_cast<double>(memory(pid, "VmRSS"));
    EXPECT_NEAR(metricOf(text, "process_resident_memory_bytes").value_or(0), resident,
                resident / 2);
    EXPECT_GE(metricOf(text, "process_virtual_memory_bytes").value_or(0), resident);
    EXPECT_GE(metricOf(text, "process_threads").value_or(0), 4);
    EXPECT_NEAR(metricOf(text, "process_start_time_seconds").value_or(0),
                static_cast<double>(epochMs()) / 1000, 60);
    rlimit files{};
    ASSERT_EQ(::prlimit(pid, RLIMIT_NOFILE, nullptr, &files), 0);
    EXPECT_EQ(metricOf(text, "process_max_fds"), static_cast<double>(files.rlim_cur));
    const std::string version = client.get("/health").json().value("version", "");
    EXPECT_EQ(metricOf(text, "ipl_build_info", "version=\"" + version + "\""), 1);
    const double spent = metricOf(text, "process_cpu_seconds_total").value_or(1e9);
    EXPECT_TRUE(eventually([&] { return valueOf(client, "process_cpu_seconds_total") > spent; }));
}

TEST(MetricsRoute, TellsHowJobsEndedThatFailOrAreCancelled) {
    const Simulator refusing = simEndpoint(0.01, {"--fault", "bad-request"});
    const Simulator broken = simEndpoint(0.01, {"--fault", "http-500"});
    HostProcess host({{"endpoints", {refusing.endpoint("Refusing"), broken.endpoint("Broken")}}});
    host.start();
    const HttpClient client = host.client();
    const std::string failing = submit(client, {{"prompt", "x"}, {"endpoints", {"Refusing"}}});
    const std::string id = submit(client, {{"prompt", "x"}, {"endpoints", {"Broken"}}});
    std::string text;
    EXPECT_TRUE(eventually([&] {
        text = metrics(client);
        return metricOf(text, "ipl_items_delayed") >= 1 &&
               metricOf(text, "ipl_attempts_total", R"(endpoint="Broken",outcome="upstream")") >= 1;
    })) << text;
    EXPECT_GT(valueOf(client, "ipl_oldest_job_age_seconds", R"(status="running")"), 0);
    ASSERT_EQ(client.send("DELETE", "/api/v1/queue/" + id, {}).status, 200);
    waitForEnd(client, failing);
    EXPECT_TRUE(eventually([&] {
        text = metrics(client);
        return metricOf(text, "ipl_jobs_finished_total", R"(status="cancelled")") == 1 &&
               metricOf(text, "ipl_jobs_finished_total", R"(status="failed")") == 1 &&
               metricOf(text, "ipl_items_delayed") == 0 &&
               metricOf(text, "ipl_oldest_job_age_seconds", R"(status="running")") == 0;
    })) << text;
}

TEST(MetricsRoute, NamesTheFailuresOfAnEndpointThatIsAway) {
    const Json away = Simulator(simEndpoint(0.1)).endpoint("Away");  // gone by now
    HostProcess host({{"endpoints", Json::array({away})}});
    host.start();
    const HttpClient client = host.client();
    submit(client, {{"prompt", "one"}, {"count", 3}});
    EXPECT_TRUE(eventually([&] {
        return valueOf(client, "ipl_attempts_total",
                       R"(kind="image",endpoint="Away",outcome="unavailable")") >= 1;
    })) << metrics(client);
    EXPECT_TRUE(eventually([&] {
        return valueOf(client, "ipl_lane_circuit_closed", R"(endpoint="Away")") == 0;
    })) << metrics(client);
}

TEST(MetricsRoute, AsksForAKeyWhereOneIsConfigured) {
    HostProcess host({{"api_keys", Json::array({"metrics-key-0123456789"})}});
    host.start();
    const HttpClient client = host.client();
    EXPECT_EQ(client.get("/metrics").status, 401);
    EXPECT_EQ(client.get("/metrics", {{"Authorization", "Bearer metrics-key-0123456789"}}).status,
              200);
}

}  // namespace

}  // namespace test
