// What sets the model servers apart that people run: their lists of models, how a model is loaded
// and unloaded, what they refuse and in which words. Facts from their documents and sources, and
// from recordings of llama-server. Thread-safe.
#pragma once

#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim-common/server.hpp"

namespace sim {

// Plain: an OpenAI-compatible server without anything else, with one model. LlamaServer: as a
// router over several models. The others load a model with the first request for it, in silence.
enum class Flavour { Plain, LlamaServer, Ollama, LmStudio, Vllm };

std::optional<Flavour> flavourFrom(const std::string& name);

class Shelf {
  public:
    using Json = nlohmann::ordered_json;
    struct Refusal {
        int status;
        std::string body;
    };

    // Models whose name holds "vl" see, with "embed" they write no text, with "think" they think.
    Shelf(Flavour flavour, std::vector<std::string> models)
        : flavour_(flavour), models_(std::move(models)) {}

    Flavour flavour() const { return flavour_; }
    // Routes beside the OpenAI ones; nothing when this is none of them. `unloaded` gets the name of
    // a model that was unloaded.
    struct Answer {
        int status = 200;
        std::string body;
    };
    std::optional<Answer> answer(const Request& request, std::string& unloaded);
    // Why a chat completion is refused.
    std::optional<Refusal> refuse(const Json& body) const;
    // Puts the model that the request names into memory; true when it was not there.
    bool load(const Json& body);
    // The name of the field that holds the thinking.
    std::string reasoningField() const;
    Refusal error(int status, const std::string& message, const std::string& type) const;

  private:
    bool isLoaded(const std::string& model) const;
    bool knows(const std::string& model) const;
    std::string canonical(const std::string& model) const;
    Json openAiList() const;
    Json lmStudioList(bool old) const;
    Json ollamaList(bool onlyLoaded) const;
    std::optional<Answer> llamaAnswer(const Request& request, std::string& unloaded);
    std::optional<Answer> ollamaAnswer(const Request& request, std::string& unloaded);
    std::optional<Answer> lmStudioAnswer(const Request& request, std::string& unloaded);
    bool unload(const std::string& model);
    std::optional<std::string> pictureFault(const std::string& url) const;

    const Flavour flavour_;
    const std::vector<std::string> models_;
    mutable std::mutex mutex_;
    std::set<std::string> loaded_;
};

}  // namespace sim
