// Lists of models, error answers and settings of the chat plugin.
#include "chat/errors.hpp"
#include "chat/models.hpp"
#include "chat/native.hpp"
#include "chat/settings.hpp"
#include "common/openai_server.hpp"
#include "fuzz.hpp"
#include "plugin_errors.hpp"

using fuzz::check;
using fuzz::checkError;
using fuzz::expectErrors;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text(data, size);
    expectErrors([&] {
        const auto models = chat::parseModels(text);
        check(models.size() <= chat::kMaxModels, "models are bounded");
        for (const auto& model : models)
            check(!model.id.empty(), "a model has a name");
        check(upstream::parseJson(chat::modelsJson(models)).has_value(), "the list is JSON");
        chat::defaultModel(models);
        chat::defaultModel(models, true);
    });
    for (const chat::UnloadApi& api : chat::unloadApis()) {
        const auto loaded = api.loadedIn(text);
        if (!loaded) continue;
        check(loaded->size() <= chat::kMaxModels, "what is in memory is bounded");
        for (const auto& model : *loaded) {
            check(!model.id.empty(), "what is to be unloaded has a name");
            check(upstream::parseJson(api.unloadBody(model.id)).has_value(), "a request is JSON");
            check(chat::isCalled(model, model.id), "a model is called by its name");
        }
    }
    chat::seesByShow(text);
    expectErrors([&] {
        const chat::Settings settings = chat::readSettings(text);
        check(!settings.base.empty(), "there is an address");
        chat::visionCapabilities(settings);
    });
    const std::string base = upstream::apiBase(text, "/chat/completions");
    check(base.empty() || base.starts_with("http"), "an address is one of the web");
    const chat::Refusal refusal{fuzz::refusalStatus(text), std::string(text), std::string(text),
                                "model", true};
    chat::isLoading(refusal);
    chat::isUnknownModel(refusal);
    chat::isAboutSchema(refusal);
    checkError(chat::errorOf(refusal));
    if (const auto json = upstream::parseJson(text)) checkError(chat::streamError(*json));
    return 0;
}
