// What LM Studio, Ollama and llama-server as a router tell of themselves beyond the OpenAI API:
// which models are loaded, and how one is unloaded. The servers are told apart by what they show,
// not by a name. Pure functions, thread-safe, for any bytes. Sources: LM Studio's REST API v1,
// Ollama's API, recordings of llama-server.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/upstream.hpp"

namespace chat {

// A model in memory.
struct LoadedModel {
    std::string id;                  // what unloading it asks for
    std::vector<std::string> names;  // what requests may call it
};

// One way of asking what is loaded and of unloading it.
struct UnloadApi {
    std::string_view server;      // for messages
    std::string_view listPath;    // behind the server's root
    std::string_view unloadPath;  // a POST
    // Nothing when the body of the list is not this server's.
    std::optional<std::vector<LoadedModel>> (*loadedIn)(std::string_view body);
    std::string (*unloadBody)(const std::string& id);
};

// In the order in which they are to be tried.
std::span<const UnloadApi> unloadApis();

// Whether a request that named the model `asked` runs on this one: "qwen3" is Ollama's
// "qwen3:latest", and LM Studio's second instance of "a/b" is "a/b:2".
bool isCalled(const LoadedModel& model, std::string_view asked);

// The server's address without the version that the OpenAI API has behind it.
std::string serverRoot(std::string_view base);

// Whether the answer of Ollama's /api/show tells of a model that sees.
bool seesByShow(std::string_view body);

}  // namespace chat
