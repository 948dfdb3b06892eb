// The gallery, the picture files and the result log.
#include "integration/routes/routes_fixture.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;
using ::testing::ElementsAre;

TEST(Gallery, ListsPicturesNewestFirstWithWhereTheyCameFrom) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpClient client = host.client();
    const Json job = run(client, {{"prompt", "a red lantern"}, {"seed", 5}, {"count", 2}});
    run(client, {{"prompt", "a blue boat"}, {"endpoints", {"Echo A"}}});

    const Json all = client.get("/api/v1/gallery").json();
    ASSERT_EQ(all.size(), 5U);
    EXPECT_EQ(all[0]["prompt"], "a blue boat");
    for (std::size_t i = 1; i < all.size(); ++i)
        EXPECT_GE(all[i - 1]["mtime"], all[i]["mtime"]);
    for (const Json& image : imagesOf(job)) {
        const auto entry = std::find_if(all.begin(), all.end(), [&](const Json& each) {
            return each["filename"] == image["filename"];
        });
        ASSERT_NE(entry, all.end());
        EXPECT_EQ((*entry)["url"], image["url"]);
        EXPECT_EQ((*entry)["job_id"], job["job_id"]);
        EXPECT_EQ((*entry)["endpoint"], image["endpoint"]["name"]);
        EXPECT_EQ((*entry)["prompt"], "a red lantern");
        EXPECT_EQ((*entry)["seed"], image["stats"]["seed"]);
        EXPECT_EQ((*entry)["width"], 1);
        EXPECT_EQ((*entry)["height"], 1);
        EXPECT_EQ((*entry)["starred"], false);
        EXPECT_TRUE((*entry).contains("thumbnail_url"));
        EXPECT_TRUE((*entry)["created"].is_string());
        EXPECT_TRUE((*entry)["mtime"].is_number_float());
        EXPECT_EQ((*entry)["size"],
                  std::filesystem::file_size(host.output() / image["filename"].get<std::string>()));
    }

    EXPECT_EQ(client.get("/api/v1/gallery?limit=2").json().size(), 2U);
    EXPECT_EQ(client.get("/api/v1/gallery?q=lantern").json().size(), 4U);
    EXPECT_EQ(client.get("/api/v1/gallery?endpoint=Echo%20B").json().size(), 2U);
    std::size_t seen = 0;
    std::string cursor;
    do {
        const HttpAnswer page = client.get("/api/v1/gallery?limit=2&cursor=" + cursor);
        for (const Json& entry : page.json())
            EXPECT_EQ(entry["filename"], all[seen++]["filename"]);
        cursor = page.header("X-Next-Cursor");
    } while (!cursor.empty() && seen < 10);
    EXPECT_EQ(seen, 5U);
}

TEST(Gallery, ShowsWhatSomebodyDroppedIntoTheFolderWithinFiveSeconds) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpClient client = host.client();
    writeFile(host.output() / "Holiday 1.png", tinyPng());
    writeFile(host.output() / "broken.jpg", "no picture at all");
    writeFile(host.output() / "._hidden.png", tinyPng());
    writeFile(host.output() / "notes.txt", "nothing to see");
    Json list;
    EXPECT_TRUE(eventually(
        [&] {
            list = client.get("/api/v1/gallery").json();
            return list.size() == 2;
        },
        std::chrono::seconds(6)))
        << list.dump(2);
    for (const Json& entry : list) {
        const bool good = entry["filename"] == "Holiday 1.png";
        EXPECT_TRUE(good || entry["filename"] == "broken.jpg") << entry.dump();
        EXPECT_EQ(entry["width"], good ? Json(1) : Json());
        EXPECT_EQ(entry["job_id"], nullptr);
        if (good) EXPECT_EQ(client.get(entry["url"].get<std::string>()).body, tinyPng());
    }
}

TEST(Images, AreServedWithConditionsAndRanges) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpClient client = host.client();
    const Json image = imagesOf(run(client, {{"prompt", "x"}, {"endpoints", {"Echo A"}}})).at(0);
    const std::string url = image["url"];
    const std::string bytes = readFile(host.output() / image["filename"].get<std::string>());

    const HttpAnswer whole = client.get(url);
    EXPECT_EQ(whole.status, 200);
    EXPECT_EQ(whole.body, bytes);
    EXPECT_EQ(whole.header("Content-Type"), "image/png");
    EXPECT_EQ(whole.header("Accept-Ranges"), "bytes");
    const std::string tag = whole.header("ETag");
    const std::string modified = whole.header("Last-Modified");
    EXPECT_NE(tag, "");
    EXPECT_NE(modified, "");

    EXPECT_EQ(client.get(url, {{"If-None-Match", tag}}).status, 304);
    EXPECT_EQ(client.get(url, {{"If-None-Match", "\"other\""}}).status, 200);
    EXPECT_EQ(client.get(url, {{"If-Modified-Since", modified}}).status, 304);

    const HttpAnswer part = client.get(url, {{"Range", "bytes=1-3"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, bytes.substr(1, 3));
    EXPECT_EQ(part.header("Content-Range"), "bytes 1-3/" + std::to_string(bytes.size()));
    EXPECT_EQ(client.get(url, {{"Range", "bytes=-5"}}).body, bytes.substr(bytes.size() - 5));
    EXPECT_EQ(client.get(url, {{"Range", "bytes=1-3"}, {"If-Range", "\"other\""}}).status, 200);
    EXPECT_EQ(client.get(url, {{"Range", "bytes=999999-"}}).status, 416);

    const HttpAnswer head = client.send("HEAD", url, {});
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("Content-Length"), std::to_string(bytes.size()));
}

TEST(Images, NothingOutsideTheFolderIsReachedByAnySpelling) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpClient client = host.client();
    writeFile(host.folder() / "secret.png", tinyPng());
    std::filesystem::create_directory(host.output() / "sub");
    writeFile(host.output() / "sub" / "inner.png", tinyPng());
    std::filesystem::create_symlink(host.folder() / "secret.png", host.output() / "link.png");
    for (const char* path :
         {"/images/../secret.png", "/images/..%2fsecret.png", "/images/%2e%2e/secret.png",
          "/images/%2e%2e%2fsecret.png", "/images/..%5csecret.png", "/images/..\\secret.png",
          "/images//secret.png", "/images/%252e%252e%252fsecret.png", "/images/sub/inner.png",
          "/images/sub%2finner.png", "/images/./../secret.png", "/images/%00secret.png",
          "/images/..%c0%afsecret.png", "/images/link.png", "/images/generation_log.csv",
          "/images/..", "/images/%2e"}) {
        const HttpAnswer answer = client.get(path);
        EXPECT_TRUE(answer.status == 404 || answer.status == 400)
            << path << " gave " << answer.status;
        EXPECT_EQ(answer.body.find("PNG\r\n"), std::string::npos) << path;
    }
    const std::string absolute = "/images/" + (host.folder() / "secret.png").string();
    EXPECT_EQ(client.get(absolute).status, 404);
}

TEST(ResultLog, HasARowForEachPictureAndEachFailure) {
    HostProcess host(
        {{"endpoints",
          {{{"name", "Good, \"old\" one"}, {"plugin", "echo"}},
           {{"name", "Bad"},
            {"plugin", "fails"},
            {"settings", {{"status", 2}, {"times", -1}, {"message", "no, \"never\" again"}}}}}}});
    host.start();
    const std::string prompt = "commas, \"quotes\" and\r\nline breaks";
    const Json job = run(host.client(), {{"prompt", prompt}, {"seed", 7}, {"count", 2}});
    EXPECT_EQ(job["status"], "completed");
    std::vector<std::vector<std::string>> rows;
    EXPECT_TRUE(eventually([&] {
        rows = readCsv(resultLog(host));
        return rows.size() == 5;
    })) << readFile(resultLog(host));
    EXPECT_THAT(rows[0], ElementsAre("timestamp", "endpoint", "prompt", "seed", "filename",
                                     "duration", "status", "error"));
    int good = 0;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const auto& row = rows[i];
        ASSERT_EQ(row.size(), 8U);
        EXPECT_EQ(row[0].size(), 24U) << row[0];
        EXPECT_EQ(row[2], prompt);
        EXPECT_GE(std::stod(row[5]), 0.0);
        if (row[6] == "Success") {
            ++good;
            EXPECT_EQ(row[1], "Good, \"old\" one");
            EXPECT_TRUE(std::filesystem::exists(host.output() / row[4])) << row[4];
            EXPECT_EQ(row[7], "");
        } else {
            EXPECT_EQ(row[6], "Failed");
            EXPECT_EQ(row[1], "Bad");
            EXPECT_EQ(row[4], "");
            EXPECT_NE(row[7].find("no, \"never\" again"), std::string::npos) << row[7];
        }
    }
    EXPECT_EQ(good, 2);
}

TEST(CorrelationId, GoesWithTheJobToEveryMachineItCallsAndIntoTheLog) {
    Simulator machine = simEndpoint(0.02);
    Simulator llm = simLlm(0.02);
    HostProcess host({{"prompt", llm.prompt()}, {"endpoints", {machine.endpoint("M")}}});
    host.start();
    const HttpAnswer answer =
        host.client().post("/api/v1/generate", {{"prompt", "x"}, {"random", true}},
                           {{"X-Correlation-ID", "trace.me-1"}});
    EXPECT_EQ(answer.header("X-Correlation-ID"), "trace.me-1");
    EXPECT_EQ(answer.json()["correlation_id"], "trace.me-1");
    const Json job = waitForEnd(host.client(), jobIdOf(answer));
    EXPECT_EQ(job["correlation_id"], "trace.me-1");
    ASSERT_EQ(machine.log().size(), 1U);
    EXPECT_EQ(machine.log()[0]["correlation_id"], "trace.me-1");
    ASSERT_EQ(llm.log().size(), 1U);
    EXPECT_EQ(llm.log()[0]["correlation_id"], "trace.me-1");
    EXPECT_NE(host.log().find("trace.me-1"), std::string::npos);
}

}  // namespace

}  // namespace test
