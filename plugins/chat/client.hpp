// A chat server as the roles of this plugin see it. Thread-safe; every function blocks until the
// server is done, the call is cancelled or its deadline is over, and throws ipl::Error.
#pragma once

#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "chat/errors.hpp"
#include "chat/models.hpp"
#include "chat/request.hpp"
#include "chat/settings.hpp"
#include "ipl/plugin.hpp"

namespace chat {

struct UnloadApi;

class Client {
  public:
    // What the model is used for decides which one of the server's it is when none is named.
    enum class Use { Prompts, Vision };
    Client(ipl::Host host, Settings settings, Use use)
        : http_(host), settings_(std::move(settings)), use_(use) {}

    // Hands the answer to call.textDelta and reasoningDelta as it comes. Waits out the loading of
    // the model. A server that refuses the response schema is asked again without, and from then on
    // never with one for this model.
    void complete(Query query, ipl::Call& call);
    // kBusy while the model loads. Any answer below 500 but 401 means that the server is up: some
    // have no list of models.
    void probe(ipl::Call& call) const;
    // The one that is used when none is named comes first.
    std::string listModels(ipl::Call& call) const;
    // Unloads the models that requests have used, and no others; returns when they are gone.
    // kUnsupported when the server has no way to unload.
    void release(ipl::Call& call);

  private:
    enum class Outcome { Answered, StillLoading, SchemaRefused };
    Outcome tryComplete(std::string_view body, const std::string& model, bool withSchema,
                        ipl::Call& call);
    ipl::HttpResponse getModels(const ipl::Call& call) const;
    std::vector<ModelEntry> listed(const ipl::Call& call) const;
    // client_native.cpp
    ipl::HttpResponse ask(const std::string& method, const std::string& url, std::string_view body,
                          std::chrono::milliseconds timeout, const ipl::Call& call) const;
    void lookCloser(std::vector<ModelEntry>& models, const ipl::Call& call) const;
    void remember(const std::string& model);
    std::vector<std::string> ownModels(const ipl::Call& call);
    void unload(const UnloadApi& api, const std::string& root, const std::string& id,
                const ipl::Call& call) const;
    Refusal refusalOf(const ipl::HttpResponse& response, std::string body,
                      const std::string& model) const;
    bool isSchemaRefused(const std::string& model);
    void refuseSchema(const std::string& model);
    std::string modelFor(const Query& query, const ipl::Call& call);
    std::string defaultOf(const std::vector<ModelEntry>& models) const;
    ipl::Headers headers() const;

    const ipl::HttpClient http_;
    const Settings settings_;
    const Use use_;
    std::mutex mutex_;
    std::string foundModel_;  // the server's first one, when the settings name none
    std::chrono::steady_clock::time_point foundAt_;
    std::set<std::string> schemaRefused_;  // the models that take no response schema; a few
    std::set<std::string> usedModels_;     // by requests; a few
};

}  // namespace chat
