// kill -9 at random moments under a mixed load: nothing accepted is lost, nothing is done twice.
#include "integration/crash/crash_rounds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <set>

#include "common/sse_client.hpp"
#include "integration/crash/crash_load.hpp"
#include "integration/support/simulator.hpp"
#include "integration/support/whole_png.hpp"

namespace test {

namespace {

using host::Json;

constexpr int kClients = 4;
constexpr const char* kFailing = "Moody";

// Also jobs that were accepted when the host died before it could say so.
std::set<std::string> allJobs(const HostProcess& host) {
    std::set<std::string> ids;
    for (const Json& row : query(host.database(), "SELECT id FROM jobs"))
        ids.insert(row["id"].get<std::string>());
    return ids;
}

std::set<std::string> namesOf(const Json& rows) {
    std::set<std::string> names;
    for (const Json& row : rows)
        names.insert(row["name"].get<std::string>());
    return names;
}

// The request of a job as its status shows it: "any" is its target then, not its endpoints.
bool isForAny(const Json& job) {
    return job["request"].value("target", "") == "any";
}

// How many pictures or failures each run of a job has to show for itself.
std::size_t itemsOfARun(const Json& job) {
    return isForAny(job) ? 1 : job["request"]["endpoints"].size();
}

// A status says one thing of each item, and fails none but those of the machine that does.
// `pictures` gets the names of its files.
void expectEachItemOnce(const Json& job, std::set<std::string>& pictures) {
    std::set<std::pair<int, std::string>> places;
    const bool any = isForAny(job);
    for (const Json& result : job["results"]) {
        for (const Json& image : result["images"]) {
            const std::string at = image["endpoint"]["name"];
            EXPECT_TRUE(places.insert({result["run"], any ? "" : at}).second)
                << "an item twice: " << job.dump(2);
            if (image["success"] == true) {
                EXPECT_TRUE(pictures.insert(image["filename"]).second) << "a picture twice";
            } else {
                EXPECT_EQ(at, kFailing) << image.dump();
            }
        }
    }
    if (job["status"] == "cancelled") return;
    EXPECT_EQ(job["results"].size(), job["count"]) << job.dump(2);
    EXPECT_EQ(places.size(), job["count"].get<std::size_t>() * itemsOfARun(job)) << job.dump(2);
}

// What the output folder and its trash hold is what the table says, and each file is whole.
void expectFilesAsTheTable(const HostProcess& host) {
    const std::set<std::string> live = namesOf(
        query(host.database(), "SELECT filename AS name FROM images WHERE trashed_at IS NULL"));
    const std::set<std::string> trash = namesOf(query(
        host.database(), "SELECT trash_file AS name FROM images WHERE trashed_at IS NOT NULL"));
    std::set<std::string> onDisk;
    for (const std::string& name : outputFiles(host)) {
        EXPECT_FALSE(name.starts_with(".")) << "a file half-written: " << name;
        onDisk.insert(name);
        EXPECT_TRUE(isWholePng(readFile(host.output() / name))) << name;
    }
    EXPECT_EQ(onDisk, live);
    std::set<std::string> inTrash;
    if (std::filesystem::exists(host.output() / ".trash")) {
        for (const auto& file : std::filesystem::directory_iterator(host.output() / ".trash")) {
            inTrash.insert(file.path().filename().string());
            EXPECT_TRUE(isWholePng(readFile(file.path()))) << file.path();
        }
    }
    EXPECT_EQ(inTrash, trash);
}

void expectMarks(const HostProcess& host, const Load::Marks& marks, const std::string& condition) {
    const std::set<std::string> marked =
        namesOf(query(host.database(), "SELECT filename AS name FROM images WHERE " + condition));
    for (const auto& [name, wish] : marks) {
        if (wish) EXPECT_EQ(marked.contains(name), *wish) << name << ": " << condition;
    }
}

// Files, rows of images, statuses, the result log and the events tell the same story. Gives the
// names of all pictures.
std::set<std::string> expectNothingLostOrDoubled(const HostProcess& host, const Load& load) {
    const HttpClient http = host.client();
    const std::set<std::string> ids = allJobs(host);
    EXPECT_TRUE(std::includes(ids.begin(), ids.end(), load.accepted.begin(), load.accepted.end()));
    std::set<std::string> inStatuses;
    std::set<std::string> prompts;
    for (const std::string& id : ids) {
        const Json job = statusOf(http, id);
        const std::string status = job.value("status", "lost");
        EXPECT_TRUE(prompts.insert(job["request"].value("prompt", "")).second)
            << "two jobs of one order: " << job.dump(2);
        const bool onlyFailing = job["request"]["endpoints"] == Json::array({kFailing});
        if (load.cancelled.contains(id)) {
            EXPECT_EQ(status, "cancelled") << id;
        } else {
            EXPECT_TRUE(status == "completed" ||
                        (status == "cancelled" && load.cancelTried.contains(id)) ||
                        (status == "failed" && onlyFailing))
                << job.dump(2);
        }
        expectEachItemOnce(job, inStatuses);
    }

    EXPECT_EQ(namesOf(query(host.database(), "SELECT filename AS name FROM images")), inStatuses);
    expectFilesAsTheTable(host);
    expectMarks(host, load.starred, "starred");
    expectMarks(host, load.trashed, "trashed_at IS NOT NULL");

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
    return inStatuses;
}

}  // namespace

void crashUnderLoad(int rounds, Machines machines) {
    const bool oneFails = machines == Machines::OneFailsSometimes;
    // Addresses of their own are part of their pictures' names: no picture takes the name that one
    // in the trash has left, or clients could not tell which of them they mark.
    Simulator fast = simEndpoint(0.02, {"--jitter", "0.9"}, "127.0.78.1");
    Simulator slower = simEndpoint(0.05, {"--jitter", "0.9"}, "127.0.78.2");
    Simulator failing = simEndpoint(0.02, {"--fail-rate", "0.7"}, "127.0.78.3");
    Simulator llm = simLlm(0.02);
    Json endpoints = {fast.endpoint("Fast"), slower.endpoint("Slower")};
    std::vector<Json> targets = {Json::array({"Fast", "Slower"}), "any", Json::array({"Slower"})};
    if (oneFails) {
        endpoints.push_back(failing.endpoint(kFailing));
        targets.push_back(Json::array({"Fast", kFailing}));
        targets.push_back(Json::array({kFailing}));
    }
    HostProcess host({{"prompt", llm.prompt()},
                      {"endpoints", endpoints},
                      {"logging_level", "INFO"},
                      {"max_queued_jobs", 50}});
    host.start();
    // What follows has an event to go on from.
    SseClient first(host.url(), "/api/v1/events");
    waitForEnd(host.client(), submit(host.client(), {{"prompt", "x"}, {"endpoints", {"Fast"}}}));
    const auto begin = first.next();
    ASSERT_TRUE(begin);

    Load load;
    load.where(host.url());
    EventFollower events(load, begin->id);
    std::vector<std::thread> clients;
    const unsigned seed = std::random_device{}() % 1'000'000;
    ::testing::Test::RecordProperty("seed", std::to_string(seed));
    for (unsigned i = 0; i < kClients; ++i) {
        clients.emplace_back(
            [&load, &targets, seed, i] { OrderingClient(load, seed + i, targets).run(); });
    }
    clients.emplace_back([&load, seed] { callForPictures(load, seed, {"Fast", "Slower"}); });

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
    EXPECT_GT(load.ordersRepeated, 0);
    EXPECT_GT(events.connections(), rounds / 2);
    std::cout << load.accepted.size() << " jobs, " << load.ordersRepeated << " orders and "
              << load.callsRepeated << " calls repeated, " << load.retries << " retries, "
              << load.starred.size() << " pictures starred, " << load.trashed.size()
              << " thrown away, " << events.connections() << " event streams" << std::endl;

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
    const std::set<std::string> pictures = expectNothingLostOrDoubled(host, load);
    EXPECT_TRUE(eventually([&] { return events.told().size() >= pictures.size(); }));
    EXPECT_EQ(events.told(), pictures);

    // And it is still so for the next process, which leaves all of it alone.
    load.where("");
    ASSERT_EQ(host.stop(), 0);
    host.start();
    expectNothingLostOrDoubled(host, load);
}

}  // namespace test
