// One server of the family over HTTP: what it can do, a drawing, its progress, its end. Which
// program it is is never asked for: what it answers decides. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "a1111/answer.hpp"
#include "a1111/request.hpp"
#include "a1111/settings.hpp"
#include "ipl/plugin.hpp"

namespace a1111 {

// In so many looks in a row a task that the server knows has shown itself to who follows it.
inline constexpr int kLooksForTask = 4;

// How a drawing can be followed and stopped.
enum class Follow : std::uint8_t {
    Nothing,  // no progress and no interrupt: stable-diffusion.cpp's server, Draw Things
    Global,   // /sdapi/v1/progress: of whatever runs there
    Task      // /internal/progress besides: of one task, and whether it waits
};

struct Ways {
    Dialect dialect = Dialect::Common;
    Follow follow = Follow::Nothing;
};

// A drawing that was asked for.
struct Drawing {
    Follow follow = Follow::Nothing;
    std::string taskId;  // with Follow::Task
    // What the server was at just before; nothing when it did not say.
    std::optional<Progress> before;
    std::chrono::steady_clock::time_point asked = std::chrono::steady_clock::now();
};

class Server {
  public:
    Server(const ipl::HttpClient& http, Settings settings);

    const Settings& settings() const { return settings_; }

    // Throws Error when the server cannot draw now, or cannot with what the settings name.
    void probe(ipl::Call& call);
    // The settings with the server's own words for what they name; see names.hpp. Throws Error
    // kUnsupported when the server lists something else. Compared once, and again after a failure;
    // what the server does not list, or not in time, is as the settings say.
    Settings settingsAsListed(ipl::Call& call);
    // What it shows of itself; asked once, and again after a failure.
    Ways ways(ipl::Call& call);
    // It may be another program when it is back.
    void forgetWhatItIs();

    // To be asked before draw(): Drawing::before.
    std::optional<Progress> whatRuns(ipl::Call& call, Follow follow);
    // Blocks until the picture is there.
    Answer draw(ipl::Call& call, const std::string& path, std::string_view body);
    // Nothing when it does not answer in time or with something else.
    std::optional<Progress> progress(ipl::Call& call, Follow follow, const std::string& taskId,
                                     bool withPreview, std::int64_t lastPreview, bool afterCancel);
    // Throws Error kUpstream when somebody at the server stopped the drawing before its end: the
    // answer says nothing of it and holds what there was. As long as nothing else was begun there.
    void expectWhole(ipl::Call& call, Follow follow, const Answer& answer);
    // What the server is at, if it is most likely this drawing although it tells of no task: it has
    // never told of any, and what runs was begun after this drawing was asked for. SD.Next answers
    // like A1111 but never takes a client's task for its own.
    std::optional<Progress> untoldTask(ipl::Call& call, const Drawing& drawing, bool afterCancel);
    // From now on drawings are followed by what runs there.
    void forgetTasks();
    // Stops the drawing if it is what runs there; works after the call was cancelled.
    void interrupt(ipl::Call& call, const Drawing& drawing) noexcept;
    // Names of the models it lists, as it calls them; empty when it does not say.
    std::vector<std::string> models(ipl::Call& call);

  private:
    Progress::State stateOf(ipl::Call& call, const Drawing& drawing);
    ipl::HttpRequest request(std::string method, const std::string& path) const;
    ipl::HttpResponse ask(ipl::Call& call, std::string method, const std::string& path,
                          std::string_view body = {}, bool afterCancel = false,
                          bool withPreview = false) const;
    bool isDrawThings(ipl::Call& call) const;
    std::optional<std::string> list(ipl::Call& call, const char* path) const;

    const ipl::HttpClient http_;
    const Settings settings_;
    std::atomic<unsigned> known_{0};  // Ways packed; 0 = not asked yet
    std::atomic<bool> knowsTasks_{false};
    std::mutex mutex_;
    std::optional<Settings> listed_;  // guarded by mutex_; nothing = not compared yet
};

}  // namespace a1111
