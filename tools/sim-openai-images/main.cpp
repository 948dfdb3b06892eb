// sim-openai-images: a server of OpenAI's images API for tests, demonstrations and dry runs,
// without a GPU and a bill.
#include <sstream>

#include "sim-common/program.hpp"
#include "sim-openai-images/images_api.hpp"

int main(int argc, char** argv) {
    sim::Options options(
        argc, argv,
        "Speaks /v1/images/generations, /v1/images/edits and /v1/models.\n"
        "Prints \"listening on PORT\" once it is ready; ends on SIGINT or SIGTERM.",
        sim::withServerOptions(
            {
                {"--seconds", "S", "time one picture takes", "0.2"},
                {"--jitter", "PART", "vary that time by up to this part, e.g. 0.2", "0"},
                {"--models", "A,B",
                 "the models it has, the first when none is named; gpt-image-*, dall-e-3 and "
                 "dall-e-2 take their own sizes and fields only",
                 "gpt-image-1"},
                {"--api-key", "KEY", "ask for this key", ""},
                {"--addresses", "", "answer with addresses of pictures instead of base64", ""},
                {"--fault", "NAMES", "misbehave, see below; a,b,,c: in turn, and well at the gap",
                 ""},
                {"--fault-after", "N", "so many good calls before the fault", "0"},
                {"--fault-count", "N", "so many faulty calls, 0 = all", "0"},
            },
            "call, and one per call that ended"),
        "Faults:\n" + sim::imagesApiFaults());

    sim::ImagesApiOptions api;
    api.seconds = options.number("--seconds");
    api.jitter = options.number("--jitter");
    api.models.clear();
    std::istringstream models(options.text("--models"));
    for (std::string model; std::getline(models, model, ',');)
        api.models.push_back(model);
    if (api.models.empty()) sim::usageFault("--models is empty");
    api.apiKey = options.text("--api-key");
    api.addresses = options.flag("--addresses");
    api.fault = options.text("--fault");
    api.faultAfter = static_cast<int>(options.number("--fault-after"));
    api.faultCount = static_cast<int>(options.number("--fault-count"));
    api.logFile = options.text("--log");
    if (!api.fault.empty() && !sim::areImagesApiFaults(api.fault))
        sim::usageFault("unknown fault: " + api.fault);
    return sim::runSimulator("sim-openai-images", options, [&](const sim::Serve& serve) {
        sim::ImagesApi server(api);
        serve([&](auto& connection, const auto& request) {
            return server.answer(connection, request);
        });
    });
}
