// A chat server as the roles of this plugin see it. Thread-safe; every function blocks until the
// server is done, the call is cancelled or its deadline is over, and throws ipl::Error.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "chat/errors.hpp"
#include "chat/request.hpp"
#include "chat/settings.hpp"
#include "ipl/plugin.hpp"

namespace chat {

class Client {
  public:
    Client(ipl::Host host, Settings settings) : http_(host), settings_(std::move(settings)) {}

    // Hands the answer to call.textDelta and reasoningDelta as it comes. Waits out the loading of
    // the model.
    void complete(const Query& query, ipl::Call& call);
    // kBusy while the model loads. Any answer below 500 but 401 means that the server is up: some
    // have no list of models.
    void probe(ipl::Call& call) const;
    std::string listModels(ipl::Call& call) const;

  private:
    // True when the answer came; false when the model is still loading.
    bool tryComplete(std::string_view body, const std::string& model, ipl::Call& call);
    ipl::HttpResponse getModels(const ipl::Call& call) const;
    Refusal refusalOf(const ipl::HttpResponse& response, std::string body,
                      const std::string& model) const;
    std::string modelFor(const Query& query, const ipl::Call& call);
    ipl::Headers headers() const;

    const ipl::HttpClient http_;
    const Settings settings_;
    std::mutex mutex_;
    std::string foundModel_;  // the server's first one, when the settings name none
};

}  // namespace chat
