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

OpenAiApi::OpenAiApi(const Context& context, WaitingCalls& calls, PictureConversions& conversions)
    : context_(context),
      rules_(rulesOf(context.settings)),
      calls_(calls),
      conversions_(conversions) {}

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
    if (wanted->options.asUrl) {
        const auto& keys = context_.settings.apiKeys;
        options.urlBase = asSeenBy(request, context_.links.get("dual_gen"));
        if (!keys.empty()) options.linkKey = keys.front();
    }
    auto call = startCall(context_, request, std::move(*place), std::move(wanted->generate));
    if (!call) return Response::error(call.error());
    const std::uint64_t cursor = call->cursor;
    if (wanted->options.stream) {
        const std::string jobId = call->jobId;
        Response response =
            Response::events(std::make_shared<ImageStream>(
                                 context_, conversions_, std::move(*call), std::move(options),
                                 wanted->options, edit ? "image_edit" : "image_generation"),
                             cursor);
        response.headers.set("X-Job-ID", jobId);
        return response;
    }
    auto answer = std::make_shared<JobAnswer>(context_, std::move(*call), request.path,
                                              replyTo(std::move(options), wanted->options));
    Response response;
    response.body = http::EventStreamStart{std::move(answer), cursor};
    return response;
}

// Ready once those pictures are converted that have to be.
MakeReply OpenAiApi::replyTo(ImageReplyOptions options, const ImageOptions& wanted) const {
    if (!wanted.encoding) {
        return [options = std::move(options)](const Json& job) { return imageReply(job, options); };
    }
    return [&conversions = conversions_, encoding = *wanted.encoding,
            options = std::move(options)](const Json& job) mutable -> std::optional<JobReply> {
        if (!options.converted) {
            options.converted = conversions.begin(options.outputDirectory,
                                                  picturesToConvert(job, encoding), encoding);
        }
        if (!options.converted->done()) return std::nullopt;
        JobReply reply = imageReply(job, options);
        options.converted.reset();  // the reply has what it needs
        return reply;
    };
}

Response OpenAiApi::model(const Request& request) const {
    auto entry = modelEntry(request.pathParam("model"), rules_);
    return entry ? Response::json(*entry) : Response::error(entry.error());
}

}  // namespace host::services
