// A ComfyUI that plays recordings: each path answers with its list of recordings one after the
// other, the last one again and again; /ws plays its recording's frames once a prompt came. The id
// of the recorded prompt becomes the one that the plugin made, since a client chooses its own.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "common/recording.hpp"
#include "common/temp_dir.hpp"
#include "sim-common/websocket.hpp"

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
    int connections() const { return server_.connections(); }
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
    // Until such a request came; false when none does.
    bool await(std::string_view method, std::string_view path) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20), [&] {
            return std::ranges::any_of(requests_, [&](const auto& request) {
                return request.method == method && request.target.starts_with(path);
            });
        });
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

    static std::string withId(std::string text, const std::string& id) {
        for (const char* recorded :
             {"4cdc61dd-92a1-407d-9605-2eb0a56a3a26", "815c3740-240f-4897-87fb-bcae7c9116df",
              "11111111-2222-3333-4444-555555555555", "a0b31ff7-2072-4bc3-aba0-851dada02d94",
              "5a7931a2-01f4-4454-8c9e-e5859ade37b4", "2532c3ad-1679-458b-a993-70e97c083452",
              "ae499217-8485-4d54-9a49-ee57c58501ce", "6504410c-d148-4196-ba86-ed2715f6a140",
              "e0a6790f-38a8-4fae-9cd0-bd8121ee69f7", "b73019e9-0f08-4705-948c-890fd1300823"})
            if (!id.empty()) replaceAll(text, recorded, id);
        return text;
    }

    // Of a binary frame its length and its first 64 bytes are recorded, which cuts the JSON of the
    // kind that names its prompt: that JSON is made again.
    static std::string binaryFrame(const nlohmann::json& frame, const std::string& id) {
        const std::string hex = frame["hex_first_64"];
        std::string bytes;
        for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
            bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
        if (bytes[3] == 4) {
            const std::string about =
                R"({"node_id": "3", "prompt_id": ")" + id + R"(", "image_type": "image/jpeg"})";
            bytes = std::string("\0\0\0\4\0\0\0", 7) + static_cast<char>(about.size()) + about +
                    "\xff\xd8\xff\xe0";
        }
        bytes.resize(std::max(bytes.size(), frame["bytes"].get<std::size_t>()), 'x');
        return bytes;
    }

    // The host passes on ten steps and previews a second: they come slower than that here.
    bool playSocket(sim::Connection& connection, const sim::Request& request,
                    const std::string& name) {
        constexpr sim::Milliseconds kPace(120);
        sim::WebSocketPeer peer(connection);
        peer.accept(request);
        std::string id;
        {
            std::unique_lock lock(mutex_);
            const auto posted = [this] { return promptCame_; };
            if (!changed_.wait_for(lock, std::chrono::seconds(10), posted)) return false;
            id = id_;
        }
        std::ifstream file(IPL_TEST_DATA "/comfyui/" + name + ".json");
        const auto recording = nlohmann::json::parse(file);
        for (const auto& frame : recording["frames"]) {
            if (frame.value("opcode", 0) == 2) {
                connection.waitFor(kPace);
                peer.sendBinary(binaryFrame(frame, id));
            } else if (frame.contains("json")) {
                if (frame["json"]["type"] == "progress") connection.waitFor(kPace);
                peer.sendText(withId(frame["json"].dump(), id));
            }
        }
        while (auto said = peer.receive(std::chrono::seconds(10)))
            if (said->first == 0x88) break;
        return false;
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
            if (request.method == "POST" && path == "/prompt") promptCame_ = true;
            auto& names = script_[request.method + " " + path];
            if (!names.empty()) name = names.front();
            if (names.size() > 1) names.erase(names.begin());
        }
        changed_.notify_all();
        if (sim::asksForWebSocket(request)) {
            if (!name.empty()) return playSocket(connection, request, name);
            return connection.reply(403, "application/octet-stream", "");
        }
        if (name.ends_with(".png"))
            return connection.reply(200, "image/png", readFile(IPL_TEST_DATA "/comfyui/" + name));
        if (name.empty()) return connection.reply(200, "application/json", "{}");
        auto recording = readRecording(IPL_TEST_DATA, "comfyui/" + name);
        std::string body = recording.body();
        if (body == "\"\"") body.clear();
        body = withId(body, id);
        return connection.send(recording.answer(body)) && !recording.closes;
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    bool promptCame_ = false;
    Script script_;
    std::string id_;
    std::vector<sim::Request> requests_;
    sim::Server server_;
};

}  // namespace test
