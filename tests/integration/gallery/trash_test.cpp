// Stars, the trash and what survives a crash.
#include "common/sse_client.hpp"
#include "gallery_fixture.hpp"

namespace test {

namespace {

using host::Json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Trash = GalleryTest;
using Stars = GalleryTest;

TEST_F(Stars, AreKeptAndFiltered) {
    start();
    const std::string name = draw("a red lantern");
    draw("a blue boat");
    for (int repeat = 0; repeat < 2; ++repeat) {
        const Json answer = client().send("PUT", path(name) + "/star", {}).json();
        EXPECT_EQ(answer["success"], true);
        EXPECT_EQ(answer["filename"], name);
        EXPECT_EQ(answer["starred"], true);
    }
    host_->kill();
    host_->start();
    EXPECT_THAT(names("starred=true"), ElementsAre(name));
    EXPECT_THAT(names("starred=true&q=lantern&endpoint=Echo%20A"), ElementsAre(name));
    EXPECT_THAT(names("starred=true&q=boat"), IsEmpty());
    EXPECT_THAT(names("job_id=" + entry(name)["job_id"].get<std::string>()), ElementsAre(name));
    EXPECT_EQ(names("starred=false").size(), 2U);
    EXPECT_EQ(client().del("/api/gallery/" + name + "/star").json()["starred"], false);
    EXPECT_THAT(names("starred=1"), IsEmpty());
    expectError(client().get("/api/v1/gallery?starred=maybe"), 400, "VALIDATION_ERROR");
    expectError(client().get("/api/v1/gallery?trashed=2"), 400, "VALIDATION_ERROR");
}

TEST_F(Trash, APictureGoesAndComesBackOnEveryPort) {
    start();
    const std::string name = draw("a red lantern");
    client().send("PUT", path(name) + "/star", {});
    const Json before = entry(name);
    const std::string bytes = readFile(host_->output() / name);
    for (const char* service : {"dual_gen", "json_from_image", "create_json"}) {
        const HttpClient port(host_->url(service));
        const HttpAnswer gone = port.del(path(name));
        EXPECT_EQ(gone.status, 200) << gone.body;
        EXPECT_EQ(gone.json()["success"], true);
        EXPECT_EQ(gone.json()["filename"], name);
        EXPECT_NEAR(
            gone.json()["expires_at"].get<double>() - gone.json()["trashed_at"].get<double>(),
            30 * 86400, 1);
        EXPECT_EQ(port.del(path(name)).json()["trashed_at"], gone.json()["trashed_at"]);
        EXPECT_THAT(names(), IsEmpty());
        EXPECT_THAT(names("trashed=true&starred=true&q=lantern"), ElementsAre(name));
        EXPECT_EQ(entry(name, "trashed=true")["trashed_at"], gone.json()["trashed_at"]);
        expectError(port.get("/images/" + name), 404, "NOT_FOUND");
        expectError(port.get("/images/.trash%2f" + filesInTrash().at(0)), 404, "NOT_FOUND");
        expectError(port.get("/images/.trash/" + filesInTrash().at(0)), 404, "NOT_FOUND");

        const HttpAnswer back = port.send("POST", path(name) + "/restore", {});
        EXPECT_EQ(back.status, 200) << back.body;
        EXPECT_EQ(back.json(), (Json{{"success", true}, {"filename", name}, {"trashed_at", {}}}));
        EXPECT_EQ(port.get("/images/" + name).body, bytes);
        EXPECT_EQ(entry(name), before);
        EXPECT_THAT(filesInTrash(), IsEmpty());
    }
}

TEST_F(Trash, NamesThatAreNoPictureAreNotFound) {
    start();
    writeFile(host_->folder() / "secret.png", tinyPng());
    for (const std::string name :
         {"never.png", "%2e%2e%2fsecret.png", "..%5csecret.png", ".trash%2fx.png", ".png",
          "generation_log.csv", "%c3%28.png", "%F0%9F%8E%A8.png"}) {
        for (const auto& [method, path] : {std::pair<std::string, std::string>{"DELETE", ""},
                                           {"POST", "/restore"},
                                           {"PUT", "/star"},
                                           {"DELETE", "/star"}}) {
            const HttpAnswer answer = client().send(method, "/api/v1/gallery/" + name + path, {});
            EXPECT_TRUE(answer.status == 404 || answer.status == 400)
                << method << " " << name << path << ": " << answer.status;
        }
    }
    const std::string endless(6000, 'a');
    EXPECT_EQ(client().del(path(endless + ".png")).status, 404);
    EXPECT_EQ(client().del("/api/v1/gallery/%00.png").status, 400);
    EXPECT_TRUE(std::filesystem::exists(host_->folder() / "secret.png"));
    expectError(client().send("PATCH", path("x.png"), {}), 405, "METHOD_NOT_ALLOWED");
}

TEST_F(Trash, OtherPagesHearOfEveryChange) {
    start();
    const std::string name = draw("x");
    SseClient events(host_->url(), "/api/v1/events");
    client().send("PUT", path(name) + "/star", {});
    client().del(path(name));
    client().send("POST", path(name) + "/restore", {});
    for (const Json& wanted :
         {Json{{"starred", true}}, Json{{"trashed", true}}, Json{{"trashed", false}}}) {
        const auto event = events.next();
        ASSERT_TRUE(event.has_value());
        EXPECT_EQ(event->type, "image");
        EXPECT_EQ(event->data["filename"], name);
        for (const auto& [key, value] : wanted.items())
            EXPECT_EQ(event->data[key], value) << event->data.dump();
    }
}

TEST_F(Trash, OtherPagesHearOfFilesThatAreDroppedAndDeletedByHand) {
    start();
    SseClient events(host_->url(), "/api/v1/events");
    const auto expectOne = [&events](const Json& wanted) {
        const auto event = events.next();
        ASSERT_TRUE(event.has_value());
        EXPECT_EQ(event->type, "image");
        for (const auto& [key, value] : wanted.items())
            EXPECT_EQ(event->data[key], value) << event->data.dump();
    };
    drop("dropped.png", tinyPng(10));
    expectOne({{"filename", "dropped.png"}, {"found", true}});
    std::filesystem::remove(host_->output() / "dropped.png");
    expectOne({{"filename", "dropped.png"}, {"removed", true}});
    // Moved in at once, as from another folder.
    const TempDir other;
    for (int i = 0; i < 60; ++i)
        writeFile(other / (std::to_string(i) + ".png"), tinyPng(static_cast<std::size_t>(i)));
    for (int i = 0; i < 60; ++i) {
        const std::string name = std::to_string(i) + ".png";
        std::filesystem::copy_file(other / name, host_->output() / name);
    }
    int told = 0;
    int many = 0;
    while (names().size() < 60 || told + many == 0) {
        const auto event = events.next();
        ASSERT_TRUE(event.has_value());
        ++(event->data.contains("folder_changed") ? many : told);
    }
    EXPECT_LT(told, 60) << "many at once are told in one";
}

TEST_F(Trash, UndoWorksAfterKillMinusNine) {
    start();
    const std::string name = draw("a red lantern");
    drop("dropped.png", tinyPng(10));
    const std::string bytes = readFile(host_->output() / name);
    client().del(path(name));
    client().del(path("dropped.png"));
    host_->kill();
    host_->start();
    EXPECT_THAT(names(), IsEmpty());
    EXPECT_EQ(names("trashed=true").size(), 2U);
    EXPECT_EQ(client().send("POST", path(name) + "/restore", {}).status, 200);
    EXPECT_EQ(client().send("POST", path("dropped.png") + "/restore", {}).status, 200);
    host_->kill();
    host_->start();
    EXPECT_EQ(names().size(), 2U);
    EXPECT_EQ(client().get("/images/" + name).body, bytes);
    EXPECT_EQ(entry(name)["prompt"], "a red lantern");
}

TEST_F(Trash, ANameThatWasTakenMeanwhileKeepsThePictureInTheTrash) {
    start();
    drop("a.png", tinyPng(10));
    client().send("PUT", path("a.png") + "/star", {});
    EXPECT_EQ(client().del(path("a.png")).status, 200);
    drop("a.png", tinyPng(20));
    EXPECT_EQ(entry("a.png")["starred"], false) << "it is another picture";
    const HttpAnswer refused = client().send("POST", path("a.png") + "/restore", {});
    expectError(refused, 400, "VALIDATION_ERROR");
    EXPECT_EQ(refused.json()["error"]["details"]["filename"], "a-2.png");
    EXPECT_EQ(client().get("/images/a.png").body, tinyPng(20));
    EXPECT_THAT(names("trashed=true"), ElementsAre("a-2.png"));
    EXPECT_EQ(client().send("POST", path("a-2.png") + "/restore", {}).status, 200);
    EXPECT_EQ(client().get("/images/a-2.png").body, tinyPng(10));
    EXPECT_EQ(entry("a-2.png")["starred"], true);
}

TEST_F(Trash, IsEmptiedAfterItsDays) {
    start({{"trash_days", 5}});
    drop("old.png", tinyPng());
    drop("young.png", tinyPng());
    EXPECT_EQ(client().get("/thumbnails/old.png").status, 200);
    client().del(path("old.png"));
    client().del(path("young.png"));
    EXPECT_EQ(host_->stop(), 0);
    changeRows(
        "UPDATE images SET trashed_at = trashed_at - 5 * 86400 - 1 WHERE filename = 'old.png'");
    host_->start();
    EXPECT_TRUE(eventually([&] { return !has("old.png", "trashed=true"); }));
    EXPECT_THAT(names("trashed=true"), ElementsAre("young.png"));
    EXPECT_TRUE(eventually([&] { return filesInTrash().size() == 1; }));
    expectError(client().send("POST", path("old.png") + "/restore", {}), 404, "NOT_FOUND");
    expectError(client().get("/thumbnails/old.png"), 404, "NOT_FOUND");
}

TEST_F(Trash, WhatSomebodyDeletesThereByHandIsGone) {
    start();
    drop("a.png", tinyPng());
    drop("b.png", tinyPng());
    client().del(path("a.png"));
    client().del(path("b.png"));
    std::filesystem::remove_all(host_->output() / ".trash");
    expectError(client().send("POST", path("a.png") + "/restore", {}), 404, "NOT_FOUND");
    host_->kill();
    host_->start();
    EXPECT_TRUE(eventually([&] { return names("trashed=true").empty(); }));
    drop("a.png", tinyPng());
    EXPECT_EQ(client().del(path("a.png")).status, 200);
}

TEST_F(Trash, KeysGuardItLikeEverythingElse) {
    start({{"api_keys", {"open-sesame"}}});
    for (const auto& [method, path] : {std::pair<std::string, std::string>{"DELETE", "/x.png"},
                                       {"PUT", "/x.png/star"},
                                       {"POST", "/x.png/restore"},
                                       {"POST", "/zip"}}) {
        expectError(client().send(method, "/api/v1/gallery" + path, {}), 401, "UNAUTHORIZED");
    }
    expectError(client().get("/thumbnails/x.png"), 401, "UNAUTHORIZED");
}

}  // namespace

}  // namespace test
