// A host with pictures in its gallery.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "integration/routes/routes_fixture.hpp"

namespace test {

class GalleryTest : public ::testing::Test {
  protected:
    void start(const host::Json& config = host::Json::object()) {
        host::Json all = echoEndpoints();
        all.merge_patch(config);
        host_ = std::make_unique<HostProcess>(all);
        host_->start();
    }
    HttpClient client() const { return host_->client(); }

    // Drawn by a machine; gives its file name.
    std::string draw(const std::string& prompt) const {
        const auto images =
            imagesOf(run(client(), {{"prompt", prompt}, {"endpoints", {"Echo A"}}}));
        EXPECT_EQ(images.size(), 1U);
        return images.empty() ? "" : images[0].value("filename", "");
    }
    // Put into the folder by somebody.
    void drop(const std::string& name, std::string_view bytes) const {
        writeFile(host_->output() / name, bytes);
        EXPECT_TRUE(eventually([&] { return has(name); })) << name;
    }

    std::vector<std::string> names(const std::string& query = "") const {
        std::vector<std::string> found;
        const host::Json list = client().get("/api/v1/gallery?limit=10000&" + query).json();
        for (const host::Json& entry : list)
            found.push_back(entry.value("filename", ""));
        return found;
    }
    bool has(const std::string& name, const std::string& query = "") const {
        const auto all = names(query);
        return std::find(all.begin(), all.end(), name) != all.end();
    }
    host::Json entry(const std::string& name, const std::string& query = "") const {
        const host::Json list = client().get("/api/v1/gallery?limit=10000&" + query).json();
        for (const host::Json& each : list)
            if (each.value("filename", "") == name) return each;
        return {};
    }
    static std::string path(const std::string& name) { return "/api/v1/gallery/" + name; }
    // By hand, while the host is down.
    void changeRows(const std::string& sql) const {
        ChildProcess shell("sqlite3", {.arguments = {host_->database().string(), sql}});
        EXPECT_EQ(shell.wait(std::chrono::seconds(30)), 0) << sql;
    }
    std::vector<std::string> filesInTrash() const {
        std::vector<std::string> found;
        std::error_code error;
        for (std::filesystem::directory_iterator file(host_->output() / ".trash", error), end;
             !error && file != end; file.increment(error))
            found.push_back(file->path().filename().string());
        return found;
    }

    std::unique_ptr<HostProcess> host_;
};

}  // namespace test
