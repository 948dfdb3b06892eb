#include "services/openai/image_reply.hpp"

#include "http/error_text.hpp"
#include "pipeline/picture_size.hpp"
#include "services/common/signed_links.hpp"
#include "support/clock.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The first entry brings the head of the whole answer along.
bool addPicture(AnswerBody& body, const Json& image, const std::string& asked, bool first,
                const ImageReplyOptions& options) {
    const std::string name = image.value("filename", "");
    AnswerBody field;
    if (!addPictureField(field, name, options)) return false;
    if (first) {
        Json head = {{"created", static_cast<std::int64_t>(epochNow())},
                     {"output_format", formatGiven(name, options)},
                     {"size", sizeOf(image, options)}};
        std::string text = dump(head);
        text.back() = ',';
        body.text(std::move(text) + "\"data\":[");
    } else {
        body.text(",");
    }
    body.text("{");
    body.append(std::move(field));
    const std::string used = image.value("prompt_used", "");
    body.text(used.empty() || used == asked ? "}" : ",\"revised_prompt\":" + dump(used) + "}");
    return true;
}

}  // namespace

std::string sizeOf(const Json& image, const ImageReplyOptions& options) {
    const pipeline::PixelSize drawn{image.value("width", 0U), image.value("height", 0U)};
    return drawn.width > 0 && drawn.height > 0 ? pipeline::sizeText(drawn) : options.size;
}

std::vector<std::string> picturesToConvert(const Json& job, const PictureEncoding& encoding) {
    std::vector<std::string> names;
    for (const Json& run : job.at("results")) {
        for (const Json& image : run.at("images")) {
            std::string name = image.value("filename", "");
            if (image.value("success", false) && needsConversion(name, encoding))
                names.push_back(std::move(name));
        }
    }
    return names;
}

std::string formatGiven(const std::string& filename, const ImageReplyOptions& options) {
    return options.converted && needsConversion(filename, options.converted->encoding())
               ? formatName(options.converted->encoding().format)
               : formatNameOf(filename);
}

bool addPictureField(AnswerBody& body, const std::string& filename,
                     const ImageReplyOptions& options) {
    if (!options.urlBase.empty()) {
        std::string url = options.urlBase + "/images/" + percentEncode(filename);
        if (!options.linkKey.empty()) url += signedQuery(options.linkKey, filename);
        body.text("\"url\":" + dump(url));
        return true;
    }
    AnswerBody picture;
    if (options.converted && needsConversion(filename, options.converted->encoding())) {
        auto bytes = options.converted->picture(filename);
        if (!bytes) return false;
        picture.bytes(std::move(bytes));
    } else if (!picture.picture(options.outputDirectory, filename)) {
        return false;
    }
    body.text("\"b64_json\":\"");
    body.append(std::move(picture));
    body.text("\"");
    return true;
}

JobFailure failureOf(const Json& job) {
    if (job.value("status", "") == "cancelled") {
        Error error{ErrorCode::Validation, "The job was cancelled."};
        error.details["code"] = "cancelled";
        return {error, 400};
    }
    if (job.value("status", "") == "completed") {
        return {{ErrorCode::Internal,
                 "The job's pictures are drawn, but they are gone or cannot be "
                 "given in this format."},
                500};
    }
    const Json reason = job.value("error", Json());
    return {{ErrorCode::Internal,
             reason.is_string() ? reason.get<std::string>() : "No picture was made."},
            500};
}

JobReply imageReply(const Json& job, const ImageReplyOptions& options) {
    JobReply reply;
    const std::string asked = job.at("request").value("prompt", "");
    for (const Json& run : job.at("results")) {
        for (const Json& image : run.at("images")) {
            if (!image.value("success", false)) continue;
            addPicture(reply.body, image, asked, reply.body.size() == 0, options);
        }
    }
    if (reply.body.size() > 0) {
        reply.body.text("]}");
        return reply;
    }
    const JobFailure failure = failureOf(job);
    reply.status = failure.status;
    // The job has had its attempts: the usual clients would make another one of each 5xx.
    reply.headers.emplace_back("x-should-retry", "false");
    reply.body.text(
        http::errorText(failure.error, failure.status, options.correlationId, options.path));
    return reply;
}

}  // namespace host::services
