#include "chat/errors.hpp"

#include <algorithm>
#include <array>

#include "common/words.hpp"

namespace chat {

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;
using upstream::speaksOf;

std::string typeOf(const Refusal& refusal) {
    auto json = upstream::parseJson(refusal.body);
    if (!json || !json->is_object()) return {};
    auto error = json->find("error");
    if (error == json->end() || !error->is_object()) return {};
    auto type = error->find("type");
    return type != error->end() && type->is_string() ? type->get<std::string>() : "";
}

}  // namespace

bool isLoading(const Refusal& refusal) {
    return refusal.status == 503 && speaksOf(upstream::errorBodyText(refusal.body), "loading");
}

bool isUnknownModel(const Refusal& refusal) {
    if (refusal.status != 400 && refusal.status != 404) return false;
    std::string text = upstream::errorBodyText(refusal.body);
    constexpr std::array<std::string_view, 4> kWords{"not found", "not exist", "no such",
                                                     "unknown"};
    return speaksOf(text, "model") &&
           std::ranges::any_of(kWords, [&](std::string_view word) { return speaksOf(text, word); });
}

bool isAboutSchema(const Refusal& refusal) {
    // 429 and 503 pass, and others are of something else, whatever words they use.
    if (refusal.status != 400 && refusal.status != 422 && refusal.status != 500 &&
        refusal.status != 501)
        return false;
    std::string text = upstream::errorBodyText(refusal.body);
    constexpr std::array<std::string_view, 7> kWords{
        "response_format", "response format", "json_schema",      "schema",
        "grammar",         "guided",          "structured output"};
    return std::ranges::any_of(kWords, [&](std::string_view word) { return speaksOf(text, word); });
}

Error errorOf(const Refusal& refusal) {
    std::string text = upstream::errorBodyText(refusal.body);
    std::string said = text.empty() ? "" : ": " + text;
    std::string status = std::to_string(refusal.status);
    if (refusal.status == 401) {
        return Error(Status::kInvalidArgument,
                     (refusal.hadKey ? "the model server refused the api key"
                                     : "the model server asks for an api key") +
                         said,
                     "/api_key");
    }
    if (isUnknownModel(refusal)) {
        std::string name = upstream::excerpt(refusal.model, 100);
        return Error(Status::kInvalidArgument,
                     "the model server does not know the model '" + name + "'" + said, "/model");
    }
    if (refusal.status == 403 && text.empty())
        return Error(Status::kInvalidArgument,
                     "the model server answered 403 without a word: Ollama does so to host names "
                     "that it does not take for its own; use the machine's address",
                     "/url");
    if (speaksOf(text, "does not support thinking") || speaksOf(text, "invalid reasoning value"))
        return Error(Status::kInvalidArgument, "the model server refused reasoning_effort" + said,
                     "/reasoning_effort");
    if (refusal.status == 404)
        return Error(Status::kInvalidArgument,
                     "there is no chat completions API at this address (404" + said + ")", "/url");
    if (typeOf(refusal) == "exceed_context_size_error" ||
        (refusal.status == 400 && speaksOf(text, "maximum context length")))
        return Error(Status::kTooLarge, "the request is too long for the model's context" + said);
    if (refusal.status == 501 || speaksOf(text, "image input is not supported"))
        return Error(Status::kUnsupported, "the model server cannot do this" + said);
    return upstream::errorOf(
        "the model server", refusal.status, refusal.body,
        refusal.retryAfter ? std::optional<std::string_view>(*refusal.retryAfter) : std::nullopt);
}

Error streamError(const Json& error) {
    std::string text = upstream::excerpt(upstream::errorText(error));
    return Error(Status::kUpstream, "the model server failed while it answered" +
                                        (text.empty() ? std::string() : ": " + text));
}

}  // namespace chat
