#include "services/openai/image_stream.hpp"

#include <algorithm>

#include "http/error_text.hpp"
#include "support/clock.hpp"

namespace host::services {

namespace {

constexpr std::string_view kData = "\ndata: ";
constexpr std::string_view kEvent = "event: ";

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

ImageStream::ImageStream(const Context& context, PictureConversions& conversions, StartedCall call,
                         ImageReplyOptions options, const ImageOptions& wanted, std::string prefix)
    : context_(context),
      conversions_(conversions),
      call_(std::move(call)),
      options_(std::move(options)),
      prefix_(std::move(prefix)),
      wanted_(wanted) {}

http::EventBatch ImageStream::read(std::uint64_t cursor, std::size_t maxBytes) {
    try {
        return readOn(cursor, maxBytes);
    } catch (const std::exception&) {
        // Such as a picture that was thrown away while it is sent: the stream breaks off, but it is
        // not the client that left, so that the job goes on.
        call_.place->over();
        throw;
    }
}

http::EventBatch ImageStream::readOn(std::uint64_t cursor, std::size_t maxBytes) {
    if (!jobOver_ && out_.done()) {
        if (!looked_) {
            const auto seen = isOver(context_, call_.jobId);
            looked_ = seen.has_value();
            jobOver_ = seen.value_or(false);
        }
        if (!jobOver_) {
            const auto found = context_.events.read(cursor, maxBytes, call_.jobId);
            cursor = found.cursor;
            jobOver_ = found.jobEnded;
            if (found.text) take(*found.text);
        }
        if (jobOver_) jobIsOver();
    }
    sendConverted();
    if (jobOver_ && !over_ && converting_.empty()) finish();
    if (out_.done()) return {nullptr, cursor, over_};
    auto part = std::make_shared<const std::string>(out_.next(maxBytes));
    return {std::move(part), cursor, over_ && out_.done()};
}

// Events as the log renders them.
void ImageStream::take(const std::string& events) {
    std::size_t at = 0;
    while (at < events.size()) {
        const std::size_t end = std::min(events.find("\n\n", at), events.size());
        const std::string_view event = std::string_view(events).substr(at, end - at);
        at = end + 2;
        const std::size_t type = event.find(kEvent);
        const std::size_t data = event.find(kData);
        if (type == event.npos || data == event.npos || data < type) continue;
        const std::string_view name =
            event.substr(type + kEvent.size(), data - type - kEvent.size());
        if (name != "image" && name != "endpoint") continue;
        const Json parsed = Json::parse(event.substr(data + kData.size()), nullptr, false);
        if (!parsed.is_object()) continue;
        if (name == "image") {
            addCompleted(parsed);
        } else if (parsed.contains("preview_url")) {
            addPartial(parsed);
        }
    }
}

// The fields that every event has, and the beginning of its picture.
std::string ImageStream::fields(const std::string& type, const std::string& format,
                                const std::string& size) {
    std::string text = dump({{"type", type},
                             {"created_at", static_cast<std::int64_t>(epochNow())},
                             {"size", size},
                             {"quality", "auto"},
                             {"background", "auto"},
                             {"output_format", format}});
    text.back() = ',';
    return "event: " + type + "\ndata: " + text;
}

// Spread over the way to the picture, as far as the backend tells where it is.
void ImageStream::addPartial(const Json& state) {
    int& sent = partials_[state.value("run", 1)];
    if (sent >= wanted_.partialImages) return;
    const Json progress = state.value("progress", Json());
    const double due = static_cast<double>(sent + 1) / (wanted_.partialImages + 1);
    if (progress.is_number() && progress.get<double>() < due) return;
    const auto preview = context_.engine.preview(call_.jobId, state.value("endpoint", ""));
    if (!preview) return;
    const std::string format = preview->mime.substr(preview->mime.find('/') + 1);
    out_.text(fields(prefix_ + ".partial_image", format, options_.size) +
              "\"partial_image_index\":" + std::to_string(sent++) + ",\"b64_json\":\"");
    out_.bytes(preview->bytes);
    out_.text("\"}\n\n");
}

void ImageStream::addCompleted(const Json& image) {
    const std::string name = image.value("filename", "");
    if (!image.value("success", false) || name.empty() || !seen_.insert(name).second) return;
    if (!wanted_.encoding || !needsConversion(name, *wanted_.encoding))
        return send(name, sizeOf(image, options_), options_);
    converting_.push_back(
        {name, sizeOf(image, options_),
         conversions_.begin(options_.outputDirectory, {name}, *wanted_.encoding)});
}

void ImageStream::send(const std::string& name, const std::string& size,
                       const ImageReplyOptions& options) {
    AnswerBody picture;
    if (!addPictureField(picture, name, options)) return;
    anySent_ = true;
    out_.text(fields(prefix_ + ".completed", formatGiven(name, options), size));
    out_.append(std::move(picture));
    // Nobody counts tokens here, but the API's clients look for the figures.
    const Json usage = {{"total_tokens", 0},
                        {"input_tokens", 0},
                        {"output_tokens", 0},
                        {"input_tokens_details", {{"text_tokens", 0}, {"image_tokens", 0}}}};
    out_.text(",\"usage\":" + dump(usage) + "}\n\n");
}

void ImageStream::sendConverted() {
    while (!converting_.empty() && converting_.front().picture->done()) {
        const Converting& ready = converting_.front();
        ImageReplyOptions options = options_;
        options.converted = ready.picture;
        send(ready.name, ready.size, options);
        converting_.pop_front();
    }
}

// Takes what the log has dropped meanwhile.
void ImageStream::jobIsOver() {
    call_.place->over();
    const auto job = context_.status.job(call_.jobId);
    if (!job) return;
    for (const Json& run : job->at("results")) {
        for (const Json& image : run.at("images"))
            addCompleted(image);
    }
}

void ImageStream::finish() {
    over_ = true;
    if (anySent_) return;
    const auto job = context_.status.job(call_.jobId);
    const JobFailure failure = job ? failureOf(*job) : JobFailure{job.error(), 500};
    out_.text(
        "event: error\ndata: " +
        http::errorText(failure.error, failure.status, options_.correlationId, options_.path) +
        "\n\n");
}

}  // namespace host::services
