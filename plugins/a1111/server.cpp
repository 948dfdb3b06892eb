#include "a1111/server.hpp"

#include <chrono>
#include <thread>
#include <utility>

#include "a1111/names.hpp"
#include "common/upstream.hpp"

namespace a1111 {

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::uint64_t kMaxSmall = std::uint64_t{4} << 20;  // lists, states
constexpr std::uint64_t kMaxWithPreview = std::uint64_t{24} << 20;
constexpr auto kQuick = 2000ms;  // progress
// After a cancel or the deadline: all of it ends before the host gives the call up, after 5 s.
constexpr auto kQuickAfterCancel = 1000ms;
constexpr auto kLookFor = 1500ms;
constexpr int kMaxFailures = 4;
constexpr auto kAfterFailure = 100ms;
// So long after it was asked for, a server that knows a task has told of it.
constexpr auto kShowsWithin = 300ms;
constexpr auto kBetweenLooks = 25ms;
constexpr std::size_t kMaxModels = 200;

unsigned packed(Ways ways) {
    return 1U | static_cast<unsigned>(ways.dialect) << 1U |
           static_cast<unsigned>(ways.follow) << 2U;
}

Ways unpacked(unsigned bits) {
    return {static_cast<Dialect>(bits >> 1U & 1U), static_cast<Follow>(bits >> 2U & 3U)};
}

// Every drawing there is stamped when it begins, in seconds.
bool isBegunAfter(const Progress& now, const std::optional<Progress>& before) {
    return now.state == Progress::State::Active && before && now.timestamp != before->timestamp;
}

}  // namespace

Server::Server(const ipl::HttpClient& http, Settings settings)
    : http_(http), settings_(std::move(settings)) {}

ipl::HttpRequest Server::request(std::string method, const std::string& path) const {
    ipl::HttpRequest request;
    request.method = std::move(method);
    request.url = settings_.url + path;
    request.headers = {{"Accept", "application/json"}};
    if (request.method == "POST") request.headers.emplace_back("Content-Type", "application/json");
    if (!settings_.authorization.empty())
        request.headers.emplace_back("Authorization", settings_.authorization);
    return request;
}

ipl::HttpResponse Server::ask(ipl::Call& call, std::string method, const std::string& path,
                              std::string_view body, bool afterCancel, bool withPreview) const {
    ipl::HttpRequest small = request(std::move(method), path);
    small.body = body;
    small.maxResponse = withPreview ? kMaxWithPreview : kMaxSmall;
    small.timeout = afterCancel ? kQuickAfterCancel : kQuick;
    small.afterCancel = afterCancel;
    return http_.perform(call, small);
}

// Draw Things tells its panel at "/" and lists no samplers.
bool Server::isDrawThings(ipl::Call& call) const {
    const ipl::HttpResponse home = ask(call, "GET", "/");
    const auto json = home.ok() ? upstream::parseJson(home.body) : std::nullopt;
    return json && json->is_object();
}

void Server::probe(ipl::Call& call) {
    // /internal/ping answers without --api and without a password: it proves nothing.
    const ipl::HttpResponse samplers = ask(call, "GET", "/sdapi/v1/samplers");
    if (samplers.ok()) {
        settingsAsListed(call);
        return;
    }
    if (samplers.status == 404 && isDrawThings(call)) return;
    throw failureOf(samplers.status, samplers.body, samplers.header("retry-after"));
}

std::optional<std::string> Server::list(ipl::Call& call, const char* path) const {
    const ipl::HttpResponse answer = ask(call, "GET", path);
    return answer.ok() ? std::optional(answer.body) : std::nullopt;
}

Settings Server::settingsAsListed(ipl::Call& call) {
    {
        const std::lock_guard lock(mutex_);
        if (listed_) return *listed_;
    }
    Lists lists;
    const auto read = [&](const char* path, List (*reader)(std::string_view)) {
        const auto body = list(call, path);
        return body ? reader(*body) : std::nullopt;
    };
    try {
        if (!settings_.sampler.empty()) lists.samplers = read("/sdapi/v1/samplers", &readSamplers);
        if (!settings_.sampler.empty() || !settings_.scheduler.empty())
            lists.schedulers = read("/sdapi/v1/schedulers", &readSchedulers);
        if (!settings_.model.empty())
            lists.checkpoints = read("/sdapi/v1/sd-models", &readCheckpoints);
    } catch (const Error& error) {
        if (error.status() == Status::kCancelled) throw;
        return settings_;  // too busy to answer: the drawing itself tells
    }
    Settings listed = asListed(settings_, lists);
    const std::lock_guard lock(mutex_);
    listed_ = listed;
    return listed;
}

void Server::forgetWhatItIs() {
    known_ = 0;
    const std::lock_guard lock(mutex_);
    listed_.reset();
}

Ways Server::ways(ipl::Call& call) {
    if (const unsigned known = known_; known != 0) return unpacked(known);
    Ways ways;
    const ipl::HttpResponse global = ask(call, "GET", "/sdapi/v1/progress?skip_current_image=true");
    if (global.ok() && readGlobalProgress(global.body)) {
        const ipl::HttpResponse task =
            ask(call, "POST", "/internal/progress", R"({"id_task":"none"})");
        ways.follow = task.ok() && readTaskProgress(task.body) ? Follow::Task : Follow::Global;
    } else if (global.status == 404) {
        const ipl::HttpResponse samplers = ask(call, "GET", "/sdapi/v1/samplers");
        if (samplers.status == 404 && isDrawThings(call)) ways.dialect = Dialect::DrawThings;
    }
    // Any other answer, such as of a server that is just starting, says nothing of what it has.
    if (global.ok() || global.status == 404) known_ = packed(ways);
    return ways;
}

Answer Server::draw(ipl::Call& call, const std::string& path, std::string_view body) {
    ipl::HttpRequest post = request("POST", path);
    post.body = body;
    post.maxResponse = kMaxAnswer;
    // A kept connection may be closed there at any moment, and this request must not go out twice.
    post.reuseConnection = false;
    ipl::HttpResponse response;
    try {
        response = http_.perform(call, post);
    } catch (const Error& error) {
        // The request is not too large, the answer is.
        if (error.status() != Status::kTooLarge) throw;
        throw Error(Status::kBadOutput, "the server's answer has no end (over 128 MiB)");
    }
    if (!response.ok())
        throw failureOf(response.status, response.body, response.header("retry-after"));
    return readAnswer(response.body);
}

std::optional<Progress> Server::progress(ipl::Call& call, Follow follow, const std::string& taskId,
                                         bool withPreview, std::int64_t lastPreview,
                                         bool afterCancel) {
    if (follow == Follow::Task) {
        const std::string body = upstream::dump(Json{
            {"id_task", taskId}, {"id_live_preview", lastPreview}, {"live_preview", withPreview}});
        const auto answer = ask(call, "POST", "/internal/progress", body, afterCancel, withPreview);
        auto now = answer.ok() ? readTaskProgress(answer.body) : std::nullopt;
        if (now && now->state != Progress::State::Unknown) knowsTasks_ = true;
        return now;
    }
    const auto answer = ask(
        call, "GET",
        std::string("/sdapi/v1/progress?skip_current_image=") + (withPreview ? "false" : "true"),
        {}, afterCancel, withPreview);
    return answer.ok() ? readGlobalProgress(answer.body) : std::nullopt;
}

void Server::expectWhole(ipl::Call& call, Follow follow, const Answer& answer) {
    if (follow == Follow::Nothing || answer.timestamp.empty()) return;
    std::optional<Progress> last;
    try {
        last = progress(call, Follow::Global, "", false, -1, false);
    } catch (const Error& error) {
        if (error.status() == Status::kCancelled) throw;
        return;  // the picture is here, and it most likely is whole
    }
    if (last && last->stopped && last->timestamp == answer.timestamp)
        throw Error(Status::kUpstream,
                    "somebody interrupted the drawing at the server: what it sent is not finished");
}

std::optional<Progress> Server::whatRuns(ipl::Call& call, Follow follow) {
    if (follow == Follow::Nothing) return std::nullopt;
    try {
        return progress(call, Follow::Global, "", false, -1, false);
    } catch (const Error& error) {
        if (error.status() == Status::kCancelled) throw;
        return std::nullopt;  // too busy: the drawing itself tells whether it is there
    }
}

std::optional<Progress> Server::untoldTask(ipl::Call& call, const Drawing& drawing,
                                           bool afterCancel) {
    if (knowsTasks_) return std::nullopt;
    auto now = progress(call, Follow::Global, "", false, -1, afterCancel);
    return now && isBegunAfter(*now, drawing.before) ? now : std::nullopt;
}

void Server::forgetTasks() {
    known_ = packed({Dialect::Common, Follow::Global});
}

// Of this drawing, as far as it can be told from others'. A request that has just gone out may not
// be known there yet.
Progress::State Server::stateOf(ipl::Call& call, const Drawing& drawing) {
    using State = Progress::State;
    std::optional<Progress> now;
    const auto until = Clock::now() + kLookFor;
    for (int failures = 0;;) {
        try {
            now = progress(call, drawing.follow, drawing.taskId, false, -1, true);
        } catch (const Error&) {
            // Too busy to answer: it is asked again.
            if (++failures == kMaxFailures || Clock::now() >= until) break;
            std::this_thread::sleep_for(kAfterFailure);
            continue;
        }
        const bool shown = now && now->state != State::Unknown;
        if (shown || Clock::now() >= drawing.asked + kShowsWithin) break;
        std::this_thread::sleep_for(kBetweenLooks);
    }
    if (!now) return State::Unknown;
    if (drawing.follow == Follow::Task)
        return now->state == State::Unknown && untoldTask(call, drawing, true) ? State::Active
                                                                               : now->state;
    if (now->state != State::Active) return now->state;
    return isBegunAfter(*now, drawing.before) ? State::Active : State::Queued;
}

void Server::interrupt(ipl::Call& call, const Drawing& drawing) noexcept {
    if (drawing.follow == Follow::Nothing) return;
    try {
        // Interrupt stops whatever runs: only what is ours may be stopped.
        const Progress::State state = stateOf(call, drawing);
        if (state == Progress::State::Active) {
            ask(call, "POST", "/sdapi/v1/interrupt", {}, true);
        } else if (state == Progress::State::Queued) {
            call.log(
                ipl::Log::kWarning,
                "the cancelled drawing waits in the server's own queue, from which it cannot be "
                "taken: it will be drawn there in vain");
        }
    } catch (const std::exception& error) {
        call.log(ipl::Log::kWarning,
                 std::string("the server could not be told to stop: ") + error.what());
    } catch (...) {
        call.log(ipl::Log::kWarning, "the server could not be told to stop");
    }
}

std::vector<std::string> Server::models(ipl::Call& call) {
    std::vector<std::string> names;
    const auto body = list(call, "/sdapi/v1/sd-models");
    const List models = body ? readCheckpoints(*body) : std::nullopt;
    if (!models) return names;
    for (const Listed& model : *models) {
        if (names.size() == kMaxModels) break;
        names.push_back(upstream::excerpt(model.name, 200));
    }
    return names;
}

}  // namespace a1111
