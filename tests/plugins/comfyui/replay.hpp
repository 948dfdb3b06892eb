// A ComfyUI that plays recordings: each path answers with its list of recordings one after the
// other, the last one again and again. The id of the recorded prompt becomes the one that the
// plugin made, since a client chooses its own.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/recording.hpp"
#include "common/temp_dir.hpp"
#include "sim-common/server.hpp"

namespace test {

class Replay {
  public:
    // "POST /prompt" to names of recordings; "GET /history" answers for every id below it.
    using Script = std::map<std::string, std::vector<std::string>>;
    explicit Replay(Script script)
        : script_(std::move(script)),
          server_(sim::keepAlive([this](sim::Connection& connection, const sim::Request& request) {
              return answer(connection, request);
          })) {}

    std::string url() const { return server_.url(); }
    std::vector<sim::Request> requests() {
        std::lock_guard lock(mutex_);
        return requests_;
    }
    int count(std::string_view method, std::string_view path) {
        int out = 0;
        for (const auto& request : requests())
            out += request.method == method && request.target.starts_with(path) ? 1 : 0;
        return out;
    }
    // The body of the first such request.
    std::string body(std::string_view method, std::string_view path) {
        for (const auto& request : requests())
            if (request.method == method && request.target.starts_with(path)) return request.body;
        return {};
    }

  private:
    static void replaceAll(std::string& text, std::string_view from, std::string_view to) {
        for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
            text.replace(at, from.size(), to);
    }

    bool answer(sim::Connection& connection, const sim::Request& request) {
        std::string name;
        std::string id;
        {
            std::lock_guard lock(mutex_);
            requests_.push_back(request);
            const std::string history = "/history/";
            if (request.target.starts_with(history)) id_ = request.target.substr(history.size());
            id = id_;
            std::string path = request.target.substr(0, request.target.find('?'));
            if (path.starts_with(history)) path = "/history";
            auto& names = script_[request.method + " " + path];
            if (!names.empty()) name = names.front();
            if (names.size() > 1) names.erase(names.begin());
        }
        if (name.ends_with(".png"))
            return connection.reply(200, "image/png", readFile(IPL_TEST_DATA "/comfyui/" + name));
        if (name.empty()) return connection.reply(200, "application/json", "{}");
        auto recording = readRecording(IPL_TEST_DATA, "comfyui/" + name);
        std::string body = recording.body();
        if (body == "\"\"") body.clear();
        for (const char* recorded :
             {"4cdc61dd-92a1-407d-9605-2eb0a56a3a26", "815c3740-240f-4897-87fb-bcae7c9116df",
              "11111111-2222-3333-4444-555555555555", "a0b31ff7-2072-4bc3-aba0-851dada02d94",
              "5a7931a2-01f4-4454-8c9e-e5859ade37b4", "2532c3ad-1679-458b-a993-70e97c083452",
              "ae499217-8485-4d54-9a49-ee57c58501ce", "6504410c-d148-4196-ba86-ed2715f6a140",
              "e0a6790f-38a8-4fae-9cd0-bd8121ee69f7"})
            if (!id.empty()) replaceAll(body, recorded, id);
        return connection.reply(recording.status, recording.contentType, body);
    }

    std::mutex mutex_;
    Script script_;
    std::string id_;
    std::vector<sim::Request> requests_;
    sim::Server server_;
};

}  // namespace test
