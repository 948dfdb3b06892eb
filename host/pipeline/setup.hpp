// What the engine is built of: the endpoints that draw, the model that writes prompts. Plain
// values.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/dialects/dialect.hpp"
#include "plugins/backend.hpp"

namespace host::pipeline {

struct EndpointSetup {
    std::string name;
    std::optional<std::string> ip;
    std::optional<int> port;
    std::string plugin;
    int concurrency = 1;
    std::chrono::seconds timeout{720};
    std::shared_ptr<plugins::ImageBackend> backend;
    PromptDialect dialect = PromptDialect::AsIs;
    bool sharesGpu = false;     // with the language model, which is unloaded before it draws
    bool learnsTimeout = true;  // see RunTimes::limit; `timeout` stays the upper bound
};

class Vision;

struct PromptSetup {
    std::shared_ptr<plugins::PromptBackend> backend;
    std::shared_ptr<plugins::PromptBackend> embedded;  // writes when there is not even a concept
    // Looks at the input pictures of prompts to be written; outlives the engine. Null = prompts are
    // written without looking.
    Vision* vision = nullptr;
    std::string model;        // for llm_status; may be empty
    std::string visionModel;  // the same for prompts from pictures
    int concurrency = 1;
    std::chrono::seconds timeout{450};
    bool fallback = true;  // prompt_fallback
};

struct EngineOptions {
    std::vector<EndpointSetup> endpoints;
    PromptSetup prompt;
    std::int64_t maxQueuedJobs = 10'000;
    std::chrono::milliseconds coldStart{120'000};  // see RunTimes
};

}  // namespace host::pipeline
