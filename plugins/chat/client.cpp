#include "chat/client.hpp"

#include <algorithm>
#include <optional>

#include "chat/answer_reader.hpp"

namespace chat {

namespace {

using ipl::Error;
using ipl::Status;

constexpr std::size_t kMaxErrorBody = 64 * 1024;
constexpr std::size_t kMaxStream = std::size_t{32}
                                   << 20;  // bytes; a short word makes an event of 250
constexpr std::size_t kMaxModelList = std::size_t{4} << 20;
constexpr std::chrono::milliseconds kLoadingPause{250};
constexpr std::chrono::minutes kFoundFor{5};
constexpr std::size_t kMaxRefusing = 16;

class CallSink : public AnswerSink {
  public:
    explicit CallSink(ipl::Call& call) : call_(call) {}

    void text(std::string_view piece) override {
        call_.progress(-1, 0, 0, "writing");
        call_.textDelta(piece);
    }
    void reasoning(std::string_view piece) override {
        call_.progress(-1, 0, 0, "thinking");
        call_.reasoningDelta(piece);
    }
    void promptProgress(double fraction) override {
        call_.progress(fraction, 0, 0, "reading the prompt");
    }
    void signOfLife() override { call_.progress(-1, 0, 0, "waiting for the model"); }

  private:
    ipl::Call& call_;
};

}  // namespace

void Client::complete(Query query, ipl::Call& call) {
    const std::string model = modelFor(query, call);
    remember(model);
    query.enforceSchema = !query.language.responseSchema.empty() && !isSchemaRefused(model);
    std::string body = requestBody(settings_, query, model);
    call.progress(-1, 0, 0, "waiting for the model");
    for (;;) {
        const Outcome outcome = tryComplete(body, model, query.enforceSchema, call);
        if (outcome == Outcome::Answered) return;
        if (outcome == Outcome::SchemaRefused) {
            refuseSchema(model);
            query.enforceSchema = false;
            body = requestBody(settings_, query, model);
            continue;
        }
        call.progress(-1, 0, 0, "loading model");
        if (call.remaining() <= kLoadingPause)
            throw Error(Status::kTimeout, "the model server was still loading the model");
        call.sleepFor(kLoadingPause);
    }
}

Client::Outcome Client::tryComplete(std::string_view body, const std::string& model,
                                    bool withSchema, ipl::Call& call) {
    ipl::HttpRequest post;
    post.method = "POST";
    post.url = settings_.base + "/chat/completions";
    post.headers = headers();
    post.headers.emplace_back("Content-Type", "application/json");
    post.headers.emplace_back("Accept", "text/event-stream, application/json");
    post.body = body;
    post.maxResponse = kMaxStream;
    CallSink sink(call);
    AnswerReader answer(sink);
    std::string errorBody;
    bool good = false;
    ipl::HttpResponse response;
    try {
        response = http_.stream(
            call, post,
            [&](std::string_view piece) {
                if (good) return answer.feed(piece);
                errorBody.append(piece);
                return errorBody.size() <= kMaxErrorBody;
            },
            [&](const ipl::HttpResponse& head) {
                good = head.ok();
                return true;
            });
    } catch (const Error& error) {
        if (error.status() != Status::kTooLarge) throw;
        // The request is not too large, the answer is.
        throw Error(Status::kBadOutput, "the answer of the model server has no end");
    }
    if (good) {
        answer.finish();
        return Outcome::Answered;
    }
    auto refusal = refusalOf(response, std::move(errorBody), model);
    if (isLoading(refusal)) return Outcome::StillLoading;
    if (withSchema && isAboutSchema(refusal)) {
        call.log(ipl::Log::kWarning,
                 "the model server does not take a response schema, it is left out from now on for "
                 "this model: " +
                     upstream::errorBodyText(refusal.body));
        return Outcome::SchemaRefused;
    }
    if (isUnknownModel(refusal)) {
        std::lock_guard lock(mutex_);
        foundModel_.clear();
    }
    throw errorOf(refusal);
}

void Client::probe(ipl::Call& call) const {
    auto response = getModels(call);
    if (response.status >= 500 || response.status == 401)
        throw errorOf(refusalOf(response, response.body, ""));
}

std::string Client::listModels(ipl::Call& call) const {
    auto models = listed(call);
    const std::string first = defaultOf(models);
    std::ranges::stable_partition(models,
                                  [&](const ModelEntry& model) { return model.id == first; });
    return modelsJson(models);
}

std::vector<ModelEntry> Client::listed(const ipl::Call& call) const {
    auto response = getModels(call);
    if (!response.ok()) throw errorOf(refusalOf(response, response.body, ""));
    auto models = parseModels(response.body);
    // The choice among several is better with what the OpenAI list leaves out.
    if (settings_.model.empty() && models.size() > 1) lookCloser(models, call);
    return models;
}

ipl::HttpResponse Client::getModels(const ipl::Call& call) const {
    ipl::HttpRequest get;
    get.url = settings_.base + "/models";
    get.headers = headers();
    get.maxResponse = kMaxModelList;
    return http_.perform(call, get);
}

Refusal Client::refusalOf(const ipl::HttpResponse& response, std::string body,
                          const std::string& model) const {
    Refusal refusal{.status = response.status,
                    .body = std::move(body),
                    .retryAfter = {},
                    .model = model,
                    .hadKey = !settings_.apiKey.empty()};
    if (auto retryAfter = response.header("retry-after")) refusal.retryAfter = *retryAfter;
    return refusal;
}

std::string Client::modelFor(const Query& query, const ipl::Call& call) {
    if (!query.language.model.empty()) return std::string(query.language.model);
    if (!settings_.model.empty()) return settings_.model;
    {
        std::lock_guard lock(mutex_);
        // What is in memory there changes: now and then it is looked up again.
        if (!foundModel_.empty() && std::chrono::steady_clock::now() - foundAt_ < kFoundFor)
            return foundModel_;
    }
    // A server without a list, or one that still loads, gets a request without a model.
    std::string found;
    try {
        found = defaultOf(listed(call));
    } catch (const Error& error) {
        if (error.status() == Status::kUnavailable || error.status() == Status::kCancelled ||
            error.status() == Status::kTimeout)
            throw;
        return {};
    }
    std::lock_guard lock(mutex_);
    foundModel_ = found;
    foundAt_ = std::chrono::steady_clock::now();
    return found;
}

bool Client::isSchemaRefused(const std::string& model) {
    std::lock_guard lock(mutex_);
    return schemaRefused_.contains(model);
}

void Client::refuseSchema(const std::string& model) {
    std::lock_guard lock(mutex_);
    if (schemaRefused_.size() >= kMaxRefusing) schemaRefused_.clear();
    schemaRefused_.insert(model);
}

std::string Client::defaultOf(const std::vector<ModelEntry>& models) const {
    return settings_.model.empty() ? defaultModel(models, use_ == Use::Vision) : settings_.model;
}

ipl::Headers Client::headers() const {
    if (settings_.apiKey.empty()) return {};
    return {{"Authorization", "Bearer " + settings_.apiKey}};
}

}  // namespace chat
