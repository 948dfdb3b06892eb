// The client's use of what its server has beside the OpenAI API: better lists of models, and
// unloading.
#include <algorithm>

#include "chat/client.hpp"
#include "chat/native.hpp"

namespace chat {

namespace {

using ipl::Error;
using ipl::Status;

constexpr std::size_t kMaxList = std::size_t{4} << 20;
constexpr std::size_t kMaxShown = 16;       // models that are asked about one by one
constexpr std::size_t kMaxRemembered = 16;  // names that requests have used
constexpr std::chrono::milliseconds kListTimeout{3000};
constexpr std::chrono::milliseconds kUnloadPause{100};
constexpr std::chrono::seconds kUnloadPatience{10};

}  // namespace

ipl::HttpResponse Client::ask(const std::string& method, const std::string& url,
                              std::string_view body, std::chrono::milliseconds timeout,
                              const ipl::Call& call) const {
    ipl::HttpRequest request;
    request.method = method;
    request.url = url;
    request.headers = headers();
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.body = body;
    request.maxResponse = kMaxList;
    request.timeout = timeout;
    return http_.perform(call, request);
}

// Adds what only the native lists tell: which model sees, which one is in memory, which one writes
// no text. A server without them answers 404 and is left as it was.
void Client::lookCloser(std::vector<ModelEntry>& models, const ipl::Call& call) const {
    const std::string root = serverRoot(settings_.base);
    bool ollama = false;
    for (const char* path : {"/api/v1/models", "/api/v0/models", "/api/tags"}) {
        std::vector<ModelEntry> native;
        try {
            const auto response = ask("GET", root + path, {}, kListTimeout, call);
            if (!response.ok()) continue;
            native = parseModels(response.body);
        } catch (const Error& error) {
            if (error.status() == Status::kCancelled) throw;
            // A page of words instead of a list is no news of the other lists.
            if (error.status() == Status::kBadOutput) continue;
            return;
        }
        if (!addKnown(models, native)) continue;
        ollama = std::string_view(path) == "/api/tags";
        break;
    }
    const auto sees = [](const ModelEntry& model) { return model.vision; };
    if (!ollama || use_ != Use::Vision || std::ranges::any_of(models, sees)) return;
    // Older versions tell of each model alone what it can do.
    for (std::size_t i = 0; i < std::min(models.size(), kMaxShown); ++i) {
        const auto shown = ask("POST", root + "/api/show",
                               upstream::dump({{"model", models[i].id}}), kListTimeout, call);
        models[i].vision = shown.ok() && seesByShow(shown.body);
    }
}

void Client::remember(const std::string& model) {
    if (model.empty()) return;
    std::lock_guard lock(mutex_);
    if (usedModels_.size() < kMaxRemembered) usedModels_.insert(model);
}

std::vector<std::string> Client::ownModels(const ipl::Call& call) {
    {
        std::lock_guard lock(mutex_);
        std::vector<std::string> names(usedModels_.begin(), usedModels_.end());
        if (!settings_.model.empty()) names.push_back(settings_.model);
        if (!names.empty()) return names;
    }
    // Nothing was asked for yet: an earlier host may have left the default one in memory.
    return {defaultOf(listed(call))};
}

void Client::release(ipl::Call& call) {
    const std::vector<std::string> own = ownModels(call);
    {
        // Afterwards another one may be in memory.
        std::lock_guard lock(mutex_);
        foundModel_.clear();
    }
    const std::string root = serverRoot(settings_.base);
    const auto isOwn = [&own](const LoadedModel& model) {
        return std::ranges::any_of(
            own, [&model](const std::string& name) { return isCalled(model, name); });
    };
    const auto until = std::chrono::steady_clock::now() + kUnloadPatience;
    for (const UnloadApi& api : unloadApis()) {
        const std::string list = root + std::string(api.listPath);
        bool asked = false;
        for (;;) {
            const auto response = ask("GET", list, {}, kListTimeout, call);
            if (response.status == 401) throw errorOf(refusalOf(response, response.body, ""));
            const auto loaded = response.ok() ? api.loadedIn(response.body) : std::nullopt;
            if (!loaded) break;
            const auto first = std::ranges::find_if(*loaded, isOwn);
            if (first == loaded->end()) return;
            if (!asked) {
                for (auto model = first; model != loaded->end(); ++model) {
                    if (isOwn(*model)) unload(api, root, model->id, call);
                }
                asked = true;
                continue;
            }
            if (std::chrono::steady_clock::now() >= until)
                throw Error(Status::kTimeout, "the model server was asked to unload '" +
                                                  upstream::excerpt(first->id, 100) +
                                                  "', which is still in memory");
            call.sleepFor(kUnloadPause);
        }
        if (asked)
            throw Error(Status::kUpstream, "the model server no longer tells what is in memory");
    }
    throw Error(Status::kUnsupported,
                "the model server cannot unload a model (Ollama, LM Studio 0.4 and llama-server "
                "as a router can)");
}

void Client::unload(const UnloadApi& api, const std::string& root, const std::string& id,
                    const ipl::Call& call) const {
    const auto response = ask("POST", root + std::string(api.unloadPath), api.unloadBody(id),
                              std::chrono::milliseconds(0), call);
    // 404: somebody else was faster.
    if (response.ok() || response.status == 404) return;
    throw errorOf(refusalOf(response, response.body, id));
}

}  // namespace chat
