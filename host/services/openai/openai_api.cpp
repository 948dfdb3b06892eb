#include "services/openai/openai_api.hpp"

#include "services/calls/job_answer.hpp"
#include "services/generator/submission.hpp"
#include "services/guard.hpp"
#include "services/openai/image_reply.hpp"
#include "services/openai/image_request.hpp"
#include "services/openai/image_stream.hpp"
#include "services/openai/models.hpp"

namespace host::services {

using http::Request;
using http::Response;

OpenAiApi::OpenAiApi(const Context& context, WaitingCalls& calls)
    : context_(context), rules_(rulesOf(context.settings)), calls_(calls) {}

void OpenAiApi::addRoutes(http::Router& router) {
    const auto& keys = context_.settings.apiKeys;
    router.add("POST", "/v1/images/generations",
               guarded(keys, [this](Request& r) { return images(r, false); }));
    // Converts masks.
    router.add("POST", "/v1/images/edits",
               guarded(keys, [this](Request& r) { return images(r, true); }), {http::Lane::Slow});
    router.add("GET", "/v1/models",
               guarded(keys, [this](Request&) { return Response::json(modelList(rules_)); }));
    router.add("GET", "/v1/models/{model*}",
               guarded(keys, [this](Request& r) { return model(r); }));
}

Response OpenAiApi::images(Request& request, bool edit) {
    auto place = calls_.enter(request.clientAddress);
    if (!place) return Response::error(place.error());
    auto wanted = readImageRequest(request, rules_, edit);
    if (!wanted) return Response::error(wanted.error());
    ImageReplyOptions options;
    options.size = wanted->size;
    options.outputDirectory = context_.settings.outputDirectory;
    options.correlationId = request.correlationId;
    options.path = request.path;
    if (wanted->asUrl) options.urlBase = asSeenBy(request, context_.links.get("dual_gen"));
    auto call = startCall(context_, request, std::move(*place), std::move(wanted->generate));
    if (!call) return Response::error(call.error());
    const std::uint64_t cursor = call->cursor;
    if (wanted->stream) {
        const std::string jobId = call->jobId;
        Response response =
            Response::events(std::make_shared<ImageStream>(
                                 context_, std::move(*call), std::move(options),
                                 edit ? "image_edit" : "image_generation", wanted->partialImages),
                             cursor);
        response.headers.set("X-Job-ID", jobId);
        return response;
    }
    auto answer = std::make_shared<JobAnswer>(
        context_, std::move(*call), request.path,
        [options = std::move(options)](const Json& job) { return imageReply(job, options); });
    Response response;
    response.body = http::EventStreamStart{std::move(answer), cursor};
    return response;
}

Response OpenAiApi::model(const Request& request) const {
    auto entry = modelEntry(request.pathParam("model"), rules_);
    return entry ? Response::json(*entry) : Response::error(entry.error());
}

}  // namespace host::services
