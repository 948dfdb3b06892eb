// Pictures as one archive, opened by somebody else's program.
#include "gallery_fixture.hpp"

namespace test {

namespace {

using host::Json;
using Zip = GalleryTest;

// What Python's zipfile reads: names with the bytes' length and checksum, or what it complains
// about.
std::string listZip(const std::filesystem::path& file) {
    ChildProcess python("/usr/bin/env",
                        {.arguments = {"python3", "-c",
                                       "import sys, zipfile\n"
                                       "z = zipfile.ZipFile(sys.argv[1])\n"
                                       "assert z.testzip() is None\n"
                                       "for i in z.infolist():\n"
                                       "  print(i.filename, i.file_size, i.compress_type, "
                                       "z.read(i)[1:4].decode('latin1'))\n",
                                       file.string()},
                         .workingDirectory = {},
                         .errorFile = file.string() + ".err"});
    std::string text = python.readRest(std::chrono::seconds(20));
    EXPECT_EQ(python.wait(std::chrono::seconds(20)), 0) << readFile(file.string() + ".err");
    return text;
}

TEST_F(Zip, HoldsThePicturesUnderNamesThatAreAllDifferent) {
    start();
    const std::string drawn = draw("x");
    drop("Boat.png", tinyPng(300'000));
    drop("boat.png", tinyPng(10));
    drop("\xC3\x9Cnter \xE5\xAD\x97.png", tinyPng(20));
    const HttpAnswer answer = client().post(
        "/api/v1/gallery/zip",
        {{"filenames",
          {"Boat.png", "boat.png", "\xC3\x9Cnter \xE5\xAD\x97.png", "Boat.png", drawn}}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.header("Content-Type"), "application/zip");
    EXPECT_THAT(answer.header("Content-Disposition"),
                ::testing::MatchesRegex("attachment; filename=\"pictures-[0-9T]+\\.zip\""));
    writeFile(host_->folder() / "a.zip", answer.body);
    const auto line = [](const std::string& name, std::size_t size) {
        return name + " " + std::to_string(size) + " 0 PNG\n";
    };
    EXPECT_EQ(listZip(host_->folder() / "a.zip"),
              line("Boat.png", tinyPng(300'000).size()) + line("boat-2.png", tinyPng(10).size()) +
                  line("\xC3\x9Cnter \xE5\xAD\x97.png", tinyPng(20).size()) +
                  line(drawn, std::filesystem::file_size(host_->output() / drawn)));
}

TEST_F(Zip, AFormAsksForItToo) {
    start();
    drop("a.png", tinyPng(10));
    drop("b.png", tinyPng(10));
    Form form;
    form.field("filenames", "a.png").field("filenames", "b.png");
    const HttpAnswer answer =
        client().send("POST", "/api/gallery/zip", form.headers(), form.body());
    EXPECT_EQ(answer.status, 200) << answer.body;
    writeFile(host_->folder() / "a.zip", answer.body);
    EXPECT_NE(listZip(host_->folder() / "a.zip").find("b.png"), std::string::npos);
}

TEST_F(Zip, AllFaultsAreToldBeforeAnythingIsSent) {
    start();
    drop("a.png", tinyPng());
    drop("gone.png", tinyPng());
    client().del(path("gone.png"));
    const auto ask = [&](const Json& body) { return client().post("/api/v1/gallery/zip", body); };
    const HttpAnswer unknown = ask({{"filenames",
                                     {"a.png", "never.png", "../jobs.db", "gone.png", ".trash/x",
                                      std::string("a\0.png", 6)}}});
    expectError(unknown, 400, "VALIDATION_ERROR");
    EXPECT_EQ(faultyFields(unknown),
              (std::vector<std::string>{"filenames[1]", "filenames[2]", "filenames[3]",
                                        "filenames[4]", "filenames[5]"}));
    Json many = Json::array();
    for (int i = 0; i < 1001; ++i)
        many.push_back("a.png");
    for (const Json& bad : {Json{{"filenames", Json::array()}}, Json{{"filenames", "a.png"}},
                            Json{{"filenames", 7}}, Json{{"filenames", many}}, Json::object()}) {
        const HttpAnswer answer = ask(bad);
        expectError(answer, 400, "VALIDATION_ERROR");
        EXPECT_EQ(faultyFields(answer), std::vector<std::string>{"filenames"}) << bad.dump();
    }
    const HttpAnswer mixed = ask({{"filenames", {"a.png", 7, nullptr, {1}}}});
    EXPECT_EQ(faultyFields(mixed),
              (std::vector<std::string>{"filenames[1]", "filenames[2]", "filenames[3]"}));
    expectError(client().send("POST", "/api/v1/gallery/zip", {{"Content-Type", "application/json"}},
                              "{\"filenames\": ["),
                400, "VALIDATION_ERROR");
}

// An archive of 80 MB that is being sent to a client that does not read it.
class Unread {
  public:
    Unread(const Address& address, const std::string& body) : socket_(address, "", until_) {
        socket_.send(
            "POST /api/v1/gallery/zip HTTP/1.1\r\nHost: x\r\nContent-Type: "
            "application/json\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body,
            until_);
        std::string rest;
        head_ = receiveHead(socket_, rest, until_);
    }
    const AnswerHead& head() const { return head_; }

  private:
    const std::chrono::steady_clock::time_point until_ =
        std::chrono::steady_clock::now() + std::chrono::seconds(20);
    TcpSocket socket_;
    AnswerHead head_;
};

class LargeZip : public Zip {
  protected:
    void startLarge() {
        start();
        Json all = Json::array();
        for (int i = 0; i < 40; ++i) {
            const std::string name = "p" + std::to_string(i) + ".png";
            writeFile(host_->output() / name, tinyPng(2'000'000));
            all.push_back(name);
        }
        ASSERT_TRUE(eventually([&] { return names().size() == 40; }));
        body_ = Json{{"filenames", all}}.dump();
    }
    Unread ask() { return Unread(client().address(), body_); }

    std::string body_;
};

TEST_F(LargeZip, OfClientsThatDoNotReadNeverTakeMoreThanEightThreads) {
    startLarge();
    {
        std::vector<std::unique_ptr<Unread>> clients;
        for (int i = 0; i < 8; ++i) {
            clients.push_back(std::make_unique<Unread>(client().address(), body_));
            ASSERT_EQ(clients.back()->head().status, 200);
        }
        const Unread oneMore = ask();
        EXPECT_EQ(oneMore.head().status, 503);
    }
    EXPECT_TRUE(eventually([&] { return ask().head().status == 200; })) << "when they are gone";
}

TEST_F(LargeZip, AClientThatHangsUpStopsIt) {
    startLarge();
    // More than all threads for slow requests: were one of them stuck, the last would not be
    // served.
    for (int i = 0; i < 70; ++i)
        ASSERT_TRUE(eventually([&] { return ask().head().status == 200; }));
    const HttpAnswer whole =
        client().post("/api/v1/gallery/zip", {{"filenames", {"p0.png", "p1.png"}}});
    EXPECT_EQ(whole.status, 200);
    EXPECT_GT(whole.body.size(), 4'000'000U);
}

}  // namespace

}  // namespace test
