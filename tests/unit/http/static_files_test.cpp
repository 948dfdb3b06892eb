// Files over HTTP: conditions, ranges, and nothing outside the folder by any spelling.
#include <sys/stat.h>

#include <filesystem>

#include "common/temp_dir.hpp"
#include "http/static_files.hpp"
#include "unit/http/fixture.hpp"

namespace {

using test::errorCode;
using test::get;

class Files : public test::ServerTest {
  protected:
    Files() : files(folder.path() / "public") {
        std::filesystem::create_directories(folder / "public/sub");
        test::writeFile(folder / "secret.txt", "SECRET");
        test::writeFile(folder / "public/a.txt", "0123456789");
        test::writeFile(folder / "public/empty.txt", "");
        test::writeFile(folder / "public/sub/b.png", "picture");
        test::writeFile(folder / "public/.hidden", "SECRET");
        std::filesystem::create_symlink(folder / "secret.txt", folder / "public/link.txt");
        std::filesystem::create_directory_symlink(folder.path(), folder / "public/up");
        ::mkfifo((folder / "public/pipe").c_str(), 0600);
        router->add("GET", "/files/{name*}", [this](Request& request) {
            return files.get(request.pathParam("name"), request);
        });
        start();
    }

    test::Answer file(const std::string& name, const std::string& headers = {}) {
        return ask(get("/files/" + name, headers));
    }

    test::TempDir folder;
    host::http::StaticFiles files;
};

TEST_F(Files, AreServedWithTypeLengthAndValidators) {
    const auto answer = file("a.txt");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "0123456789");
    EXPECT_EQ(answer.header("content-type"), "text/plain; charset=utf-8");
    EXPECT_EQ(answer.header("accept-ranges"), "bytes");
    EXPECT_THAT(answer.header("etag"), testing::MatchesRegex("\"[0-9a-f-]+\""));
    EXPECT_THAT(answer.header("last-modified"), testing::EndsWith("GMT"));
    EXPECT_EQ(file("sub/b.png").header("content-type"), "image/png");
    EXPECT_EQ(file("empty.txt").header("content-length"), "0");
    auto connection = client();
    const auto head = connection.ask("HEAD /files/a.txt HTTP/1.1\r\nHost: t\r\n\r\n", true);
    EXPECT_EQ(head.header("content-length"), "10");
    EXPECT_EQ(connection.ask(get("/health")).status, 200);
}

TEST_F(Files, KnownCopiesAreNotSentAgain) {
    const auto first = file("a.txt");
    const std::string etag = first.header("etag");
    const std::string date = first.header("last-modified");
    EXPECT_EQ(file("a.txt", "If-None-Match: " + etag + "\r\n").status, 304);
    EXPECT_EQ(file("a.txt", "If-None-Match: \"x\", W/" + etag + "\r\n").status, 304);
    EXPECT_EQ(file("a.txt", "If-None-Match: *\r\n").status, 304);
    EXPECT_EQ(file("a.txt", "If-None-Match: \"x\"\r\nIf-Modified-Since: " + date + "\r\n").status,
              200);
    EXPECT_EQ(file("a.txt", "If-Modified-Since: " + date + "\r\n").status, 304);
    EXPECT_EQ(file("a.txt", "If-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT\r\n").status, 200);
    EXPECT_EQ(file("a.txt", "If-Modified-Since: nonsense\r\n").status, 200);
    test::writeFile(folder / "public/a.txt", "changed");
    EXPECT_EQ(file("a.txt", "If-None-Match: " + etag + "\r\n").body, "changed");
}

TEST_F(Files, RangesAreCutAsAsked) {
    const auto range = [&](const std::string& spec, const std::string& extra = {}) {
        return file("a.txt", "Range: " + spec + "\r\n" + extra);
    };
    const auto middle = range("bytes=2-4");
    EXPECT_EQ(middle.status, 206);
    EXPECT_EQ(middle.body, "234");
    EXPECT_EQ(middle.header("content-range"), "bytes 2-4/10");
    EXPECT_EQ(range("bytes=7-").body, "789");
    EXPECT_EQ(range("bytes=7-100").body, "789");
    EXPECT_EQ(range("bytes=-3").body, "789");
    EXPECT_EQ(range("bytes=-100").body, "0123456789");
    const auto outside = range("bytes=10-");
    EXPECT_EQ(outside.status, 416);
    EXPECT_EQ(outside.header("content-range"), "bytes */10");
    EXPECT_EQ(errorCode(outside), "VALIDATION_ERROR");
    EXPECT_EQ(range("bytes=-0").status, 416);
    for (const auto* whole : {"bytes=1-2,4-5", "bytes=5-2", "bytes=a-b", "lines=1-2",
                              "bytes=", "bytes=99999999999999999999-"}) {
        EXPECT_EQ(range(whole).status, 200) << whole;
    }
    const std::string etag = middle.header("etag");
    EXPECT_EQ(range("bytes=2-4", "If-Range: " + etag + "\r\n").status, 206);
    EXPECT_EQ(range("bytes=2-4", "If-Range: \"old\"\r\n").status, 200);
}

TEST_F(Files, LargeFileArrivesWholeAtASlowReader) {
    std::string large(9'000'000, '\0');
    for (std::size_t i = 0; i < large.size(); ++i)
        large[i] = static_cast<char>(i / 7);
    test::writeFile(folder / "public/large.png", large);
    auto slow = client(4096);
    EXPECT_TRUE(slow.ask(get("/files/large.png")).body == large);
    EXPECT_EQ(slow.ask(get("/files/large.png", "Range: bytes=8999990-\r\n")).body,
              large.substr(8'999'990));
}

TEST_F(Files, NothingElseCanBeReached) {
    for (const std::string name : {"../secret.txt",
                                   "%2e%2e/secret.txt",
                                   "..%2fsecret.txt",
                                   "%2e%2e%2fsecret.txt",
                                   "sub/../../secret.txt",
                                   "sub/%2e%2e/%2e%2e/secret.txt",
                                   "..%5csecret.txt",
                                   "..\\secret.txt",
                                   "%252e%252e/secret.txt",
                                   "/secret.txt",
                                   "//etc/passwd",
                                   "%2fetc%2fpasswd",
                                   "/etc/passwd",
                                   "link.txt",
                                   "up/secret.txt",
                                   "up/public/a.txt",
                                   ".hidden",
                                   "sub/.",
                                   "sub/",
                                   "",
                                   "sub",
                                   ".",
                                   "./a.txt",
                                   "a.txt/",
                                   "a.txt/x",
                                   "pipe",
                                   "missing",
                                   "..",
                                   "%c0%ae%c0%ae/secret.txt",
                                   "a.txt%00.png",
                                   "....//secret.txt"}) {
        const auto answer = file(name);
        EXPECT_TRUE(answer.status == 404 || answer.status == 400) << name << ' ' << answer.status;
        EXPECT_THAT(answer.body, testing::Not(testing::HasSubstr("SECRET"))) << name;
    }
    EXPECT_EQ(file(std::string(5000, 'a')).status, 404);
}

}  // namespace
