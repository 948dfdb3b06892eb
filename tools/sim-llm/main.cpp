// sim-llm: an OpenAI-compatible model server for tests, demonstrations and dry runs, without a
// model.
#include <sstream>

#include "sim-common/program.hpp"
#include "sim-llm/model.hpp"

int main(int argc, char** argv) {
    sim::Options options(
        argc, argv,
        "Speaks /v1/chat/completions (streamed and whole), /v1/models and /health.\n"
        "Prints \"listening on PORT\" once it is ready; ends on SIGINT or SIGTERM.",
        sim::withServerOptions(
            {
                {"--seconds", "S", "time one answer takes", "0.15"},
                {"--words", "N", "words of an answer", "90"},
                {"--model", "NAME", "the model it lists", "sim-model"},
                {"--flavour", "NAME",
                 "behave like llama-server (as a router), ollama, lm-studio or vllm; or plain",
                 "plain"},
                {"--models", "A,B",
                 "the models of a flavour; a name with vl sees, with embed writes no text", ""},
                {"--api-key", "KEY", "ask for this key", ""},
                {"--parallel", "", "answer all requests at once instead of one by one", ""},
                {"--loading-seconds", "S",
                 "say 503 \"Loading model\" so long after the start; with a flavour: be silent so "
                 "long "
                 "when a request loads its model",
                 "0"},
                {"--fault", "NAMES", "misbehave, see below; a,b,,c: in turn, and well at the gap",
                 ""},
                {"--fault-after", "N", "so many good answers before the fault", "0"},
                {"--fault-count", "N", "so many faulty answers, 0 = all", "0"},
            },
            "request, cancelled ones too"),
        "Faults:\n" + sim::modelFaults());

    sim::ModelOptions modelOptions;
    modelOptions.seconds = options.number("--seconds");
    modelOptions.words = static_cast<int>(options.number("--words"));
    modelOptions.model = options.text("--model");
    modelOptions.apiKey = options.text("--api-key");
    modelOptions.parallel = options.flag("--parallel");
    modelOptions.loadingSeconds = options.number("--loading-seconds");
    const auto flavour = sim::flavourFrom(options.text("--flavour"));
    if (!flavour) sim::usageFault("unknown flavour: " + options.text("--flavour"));
    modelOptions.flavour = *flavour;
    std::istringstream models(options.text("--models"));
    for (std::string model; std::getline(models, model, ',');)
        modelOptions.models.push_back(model);
    modelOptions.fault = options.text("--fault");
    modelOptions.faultAfter = static_cast<int>(options.number("--fault-after"));
    modelOptions.faultCount = static_cast<int>(options.number("--fault-count"));
    modelOptions.logFile = options.text("--log");
    if (!modelOptions.fault.empty() && !sim::areModelFaults(modelOptions.fault))
        sim::usageFault("unknown fault: " + modelOptions.fault);
    return sim::runSimulator("sim-llm", options, [&](const sim::Serve& serve) {
        sim::Model model(modelOptions);
        serve([&](auto& connection, const auto& request) {
            return model.answer(connection, request);
        });
    });
}
