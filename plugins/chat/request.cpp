#include "chat/request.hpp"

#include <utility>

namespace chat {

namespace {

using upstream::Json;

Json messagesOf(const Settings& settings, const Query& query) {
    std::string system = settings.systemPrompt;
    if (!system.empty() && !query.language.system.empty()) system += "\n\n";
    system += query.language.system;
    std::string user(query.language.user);
    // Many chat templates break without a user's turn.
    if (user.empty()) user = std::exchange(system, {});

    Json messages = Json::array();
    if (!system.empty()) messages.push_back({{"role", "system"}, {"content", system}});
    Json content = user;
    if (query.image) {
        // A data URL inside an object is the one form that all servers take.
        Json picture{{"type", "image_url"},
                     {"image_url", {{"url", upstream::dataUrl(*query.image)}}}};
        content = Json::array({Json{{"type", "text"}, {"text", user}}, std::move(picture)});
    }
    messages.push_back({{"role", "user"}, {"content", std::move(content)}});
    return messages;
}

}  // namespace

std::string requestBody(const Settings& settings, const Query& query, std::string_view model) {
    const auto& language = query.language;
    Json body = Json::object();
    if (!model.empty()) body["model"] = model;
    if (auto temperature = language.temperature ? language.temperature : settings.temperature)
        body["temperature"] = *temperature;
    if (auto maxTokens = language.maxTokens > 0 ? language.maxTokens : settings.maxTokens)
        body["max_tokens"] = maxTokens;
    if (language.seed) body["seed"] = *language.seed;
    if (!settings.reasoningEffort.empty()) body["reasoning_effort"] = settings.reasoningEffort;
    if (query.enforceSchema && !language.responseSchema.empty()) {
        auto schema = upstream::parseJson(language.responseSchema);
        if (!schema || !schema->is_object())
            throw ipl::Error(ipl::Status::kInvalidArgument, "the response schema is not JSON",
                             "response_schema");
        // Not json_object: LM Studio refuses it and llama-server does not enforce it.
        body["response_format"] = {
            {"type", "json_schema"},
            {"json_schema", {{"name", "answer"}, {"strict", true}, {"schema", *schema}}}};
    }
    body.merge_patch(settings.extraBody);
    body["messages"] = messagesOf(settings, query);
    body["stream"] = true;
    return upstream::dump(body);
}

}  // namespace chat
