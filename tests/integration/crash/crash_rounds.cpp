// kill -9 at random moments under a mixed load: nothing accepted is lost, nothing is done twice.
#include "integration/crash/crash_rounds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <set>

#include "integration/support/generator.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;

constexpr int kClients = 4;

struct Load {
    std::mutex mutex;
    std::condition_variable up;
    std::string url;  // empty while the host is down
    std::set<std::string> accepted;
    std::set<std::string> cancelled;  // a 200 for the cancel came
    std::set<std::string> cancelTried;
    std::atomic<bool> over{false};

    // Where the host is, once it is up again; empty when all is over.
    std::string where() {
        std::unique_lock lock(mutex);
        up.wait(lock, [this] { return !url.empty() || over; });
        return url;
    }
    void where(std::string now) {
        const std::lock_guard lock(mutex);
        url = std::move(now);
        up.notify_all();
    }
    void end() {
        const std::lock_guard lock(mutex);
        over = true;
        up.notify_all();
    }
};

Json anyRequest(std::mt19937& random) {
    Json request = {{"prompt", "number " + std::to_string(random() % 1000)},
                    {"count", 1 + random() % 3},
                    {"priority", static_cast<int>(random() % 3) - 1}};
    request["random"] = random() % 2 == 0;
    const std::vector<Json> targets = {"all", "any", Json::array({"Slower"})};
    request["endpoints"] = targets[random() % targets.size()];
    if (random() % 4 == 0) request["image"] = base64(tinyPng(100));
    return request;
}

// One client: submits, now and then cancels, and takes note of what it was promised.
void client(Load& load, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::string> mine;
    while (!load.over) {
        const std::string url = load.where();
        if (url.empty()) return;
        HttpClient http(url, "127.0.0." + std::to_string(2 + seed % kClients));
        http.timeout = std::chrono::seconds(5);
        const std::string id = submit(http, anyRequest(random));
        if (!id.empty()) {
            mine.push_back(id);
            const std::lock_guard lock(load.mutex);
            EXPECT_TRUE(load.accepted.insert(id).second) << "an id given twice";
        }
        if (!mine.empty() && random() % 5 == 0) {
            const std::string& victim = mine[random() % mine.size()];
            {
                const std::lock_guard lock(load.mutex);
                load.cancelTried.insert(victim);
            }
            if (http.del("/api/v1/queue/" + victim).status == 200) {
                const std::lock_guard lock(load.mutex);
                load.cancelled.insert(victim);
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 60));
    }
}

// Also jobs that were accepted when the host died before it could say so.
std::set<std::string> allJobs(const HostProcess& host) {
    std::set<std::string> ids;
    for (const Json& row : query(host.database(), "SELECT id FROM jobs"))
        ids.insert(row["id"].get<std::string>());
    return ids;
}

// Files, rows of images, statuses and the result log tell the same story.
void expectNothingLostOrDoubled(const HostProcess& host, const Load& load) {
    const HttpClient http = host.client();
    const std::set<std::string> ids = allJobs(host);
    EXPECT_TRUE(std::includes(ids.begin(), ids.end(), load.accepted.begin(), load.accepted.end()));
    std::set<std::string> inStatuses;
    for (const std::string& id : ids) {
        const Json job = statusOf(http, id);
        const std::string status = job.value("status", "lost");
        if (load.cancelled.contains(id)) {
            EXPECT_EQ(status, "cancelled") << id;
        } else if (load.cancelTried.contains(id)) {
            EXPECT_TRUE(status == "completed" || status == "cancelled") << id << " " << status;
        } else {
            EXPECT_EQ(status, "completed") << job.dump(2);
        }
        std::set<std::pair<int, std::string>> places;
        const bool any = job["request"].value("endpoints", Json()).is_string();
        for (const Json& result : job["results"]) {
            for (const Json& image : result["images"]) {
                if (image["success"] != true) {
                    ADD_FAILURE() << "a failure: " << image.dump();
                    continue;
                }
                EXPECT_TRUE(inStatuses.insert(image["filename"]).second) << "a picture twice";
                const std::string at = any ? "" : image["endpoint"]["name"].get<std::string>();
                EXPECT_TRUE(places.insert({result["run"], at}).second) << "an item twice";
            }
        }
        if (status == "completed") EXPECT_EQ(job["results"].size(), job["count"]) << id;
    }

    std::set<std::string> inTable;
    for (const Json& row : query(host.database(), "SELECT filename FROM images"))
        inTable.insert(row["filename"]);
    std::set<std::string> onDisk;
    for (const std::string& name : outputFiles(host)) {
        EXPECT_FALSE(name.starts_with(".")) << "a file half-written: " << name;
        onDisk.insert(name);
    }
    EXPECT_EQ(inTable, inStatuses);
    EXPECT_EQ(onDisk, inStatuses);

    std::multiset<std::string> inLog;
    EXPECT_TRUE(eventually([&] {
        inLog.clear();
        const auto rows = readCsv(resultLog(host));
        for (std::size_t i = 1; i < rows.size(); ++i) {
            EXPECT_EQ(rows[i].size(), 8U);
            if (rows[i].size() == 8 && rows[i][6] == "Success") inLog.insert(rows[i][4]);
        }
        return inLog.size() >= inStatuses.size();
    })) << inLog.size()
        << " of " << inStatuses.size() << " rows";
    EXPECT_EQ(inLog.size(), inStatuses.size());
    EXPECT_EQ(std::set<std::string>(inLog.begin(), inLog.end()), inStatuses);

    const Json queued = query(
        host.database(), "SELECT count(*) AS n FROM jobs WHERE status IN ('queued','running')");
    EXPECT_EQ(queued[0]["n"], 0);
    const Json items = query(host.database(),
                             "SELECT count(*) AS n FROM items WHERE state IN ('queued','running')");
    EXPECT_EQ(items[0]["n"], 0);
    EXPECT_EQ(query(host.database(), "PRAGMA integrity_check")[0]["integrity_check"], "ok");
}

}  // namespace

void crashUnderLoad(int rounds) {
    Simulator fast = simEndpoint(0.02, {"--jitter", "0.9"});
    Simulator slower = simEndpoint(0.05, {"--jitter", "0.9"});
    Simulator llm = simLlm(0.02);
    HostProcess host({{"prompt", llm.prompt()},
                      {"endpoints", {fast.endpoint("Fast"), slower.endpoint("Slower")}},
                      {"logging_level", "INFO"},
                      {"max_queued_jobs", 50}});
    host.start();
    Load load;
    load.where(host.url());
    std::vector<std::thread> clients;
    const unsigned seed = std::random_device{}();
    ::testing::Test::RecordProperty("seed", std::to_string(seed));
    for (unsigned i = 0; i < kClients; ++i)
        clients.emplace_back([&load, seed, i] { client(load, seed + i); });

    // Long enough between two deaths for an item to be done: one that meets five fails for good.
    std::mt19937 random(seed);
    for (int round = 0; round < rounds; ++round) {
        std::this_thread::sleep_for(std::chrono::milliseconds(250 + random() % 650));
        // The operator's view works at any time, whatever the host is doing.
        if (round % 4 == 0) {
            EXPECT_TRUE(
                query(host.database(), "SELECT id, status FROM jobs ORDER BY id").is_array());
        }
        host.kill();
        load.where("");
        // Dying while starting up is a crash like any other.
        if (round % 3 == 1) {
            host.launch();
            std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
            host.kill();
        }
        host.start();
        load.where(host.url());
    }
    load.end();
    for (std::thread& thread : clients)
        thread.join();
    EXPECT_GT(load.accepted.size(), static_cast<std::size_t>(rounds));

    for (const std::string& id : allJobs(host))
        waitForEnd(host.client(), id, std::chrono::seconds(120));
    ASSERT_FALSE(::testing::Test::HasFailure());
    // What a cancelled job still had at work must have ended as well.
    EXPECT_TRUE(eventually([&] {
        return query(
                   host.database(),
                   "SELECT count(*) AS n FROM items WHERE state IN ('queued','running')")[0]["n"] ==
               0;
    }));
    expectNothingLostOrDoubled(host, load);

    // And it is still so for the next process, which leaves all of it alone.
    ASSERT_EQ(host.stop(), 0);
    host.start();
    expectNothingLostOrDoubled(host, load);
}

}  // namespace test
