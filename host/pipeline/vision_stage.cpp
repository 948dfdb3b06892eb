#include "pipeline/vision_stage.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "imaging/metadata.hpp"
#include "imaging/orientation.hpp"
#include "imaging/pixels.hpp"
#include "pipeline/retry_policy.hpp"
#include "pipeline/scene.hpp"
#include "support/image_info.hpp"
#include "support/text.hpp"

namespace host::pipeline {

using plugins::CallContext;
using plugins::CallResult;
using plugins::CallStatus;
using plugins::TextRequest;

namespace {

constexpr std::size_t kRawCharacters = 500;
constexpr std::size_t kCitedCharacters = 2000;  // of a bad answer, for the repair turn
constexpr std::uint32_t kGlance = 32;           // longer side of a picture that is only checked
constexpr int kJpegQuality = 93;
constexpr char kJpeg[] = "image/jpeg";

constexpr char kInstructions[] =
    "You are the eye of an image studio. Look at the picture and describe it as ONE JSON object, "
    "precise enough that an artist who never saw the picture could make it again. Answer with the "
    "JSON object and nothing else: no explanation, no code fence. Its fields, all of them "
    "required, in English:\n"
    "- scene: string, the overall scene or environment\n"
    "- props: string, foreground elements and props\n"
    "- subjects: array with one object per subject: description (string: who or what it is, "
    "appearance, clothing, expression, action), position (string: where in the frame), "
    "color_palette (array of its colours)\n"
    "- style: string, photographic or artistic style\n"
    "- color_palette: array of 3 to 5 strings, the colours of the whole, as names or #rrggbb\n"
    "- lighting: string, the lighting set-up: sources, direction, quality\n"
    "- mood: string, the emotional tone\n"
    "- film_stock: string, the film stock or grading look\n"
    "- era: string, the period or aesthetic era\n"
    "- background: string, what is behind the subjects\n"
    "- composition: string, the compositional technique\n"
    "- time_weather: string, time of day and weather\n"
    "- camera: object with angle, distance, lens (focal length such as \"50mm\"), f_number (such "
    "as \"f/2.8\"), iso (number), shutter_speed (such as \"1/250s\"), aspect_ratio, focus\n"
    "Estimate what the picture does not tell outright, such as the lens. An empty subjects array "
    "is right for a picture without a subject.";

constexpr char kSteered[] =
    "\nThe user gives a creative direction. Let it colour EVERY field: describe the picture as it "
    "would be if it had been made in that direction. What it shows stays recognisable; style, "
    "palette, light, mood, era, weather, camera and the words for the subjects follow the "
    "direction.";

std::string askFor(const std::string& steering, const Json& metadata) {
    std::string text = "Describe this picture.";
    if (const auto camera = metadata.find("camera"); camera != metadata.end()) {
        text += "\nThe file's own camera data: " +
                camera->dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    if (!steering.empty()) text += "\nCreative direction: " + steering;
    return text;
}

std::string askAgain(const std::string& first, const CallResult& call, std::string_view answer) {
    std::string text = first + "\n\nYour last answer could not be used: ";
    text += call.ok() ? "it held no JSON object with these fields." : call.message;
    if (!answer.empty()) {
        text += "\nIt began like this:\n";
        text += utf8Head(answer, kCitedCharacters);
    }
    text += "\n\nAnswer again, now with the complete JSON object alone.";
    return text;
}

// What the model said, its thinking when that is all there is.
const std::string& wordsOf(const CallResult& call) {
    return trim(call.text).empty() ? call.reasoning : call.text;
}

std::optional<Json> sceneOf(const CallResult& call) {
    if (!call.ok() && call.status != CallStatus::BadOutput) return std::nullopt;
    auto scene = sceneIn(call.text);
    if (!scene) scene = sceneIn(call.reasoning);
    return scene;
}

CallResult failure(CallStatus status, const Error& error) {
    CallResult call;
    call.status = status;
    call.message = error.message;
    return call;
}

// Models read JPEG and PNG everywhere, the others here and there.
imaging::Wanted wantedBy(const plugins::Backend& backend) {
    imaging::Wanted wanted = backend.capabilities()->input;
    std::erase(wanted.mimes, "image/webp");
    std::erase(wanted.mimes, "image/gif");
    if (wanted.mimes.empty()) wanted.mimes = {kJpeg, "image/png"};
    return wanted;
}

// The picture as the backend reads it, standing upright: few models look at the orientation that
// cameras write into a file.
Result<imaging::Converted> readable(std::string picture, const imaging::Wanted& wanted) {
    const bool takesJpeg =
        std::find(wanted.mimes.begin(), wanted.mimes.end(), kJpeg) != wanted.mimes.end();
    if (takesJpeg && imaging::orientationOf(picture) != 1) {
        const auto pixels = imaging::decode(picture, wanted.maxSide);
        if (!pixels) return pixels.error();
        auto jpeg = imaging::encodeJpeg(*pixels, kJpegQuality);
        if (!jpeg) return jpeg.error();
        return imaging::Converted{kJpeg, std::move(*jpeg), pixels->width, pixels->height, true};
    }
    auto converted = imaging::convert(std::move(picture), wanted);
    if (converted.ok() && !converted->changed) {
        // What is cut off or not what it claims is to be told from a model that fails.
        if (const auto seen = imaging::decode(converted->bytes, kGlance); !seen)
            return seen.error();
    }
    return converted;
}

}  // namespace

Error visionError(const CallResult& call) {
    const auto of = [&](ErrorCode code) {
        Error error;
        error.code = code;
        error.message = call.message;
        return error;
    };
    switch (call.status) {
        case CallStatus::ImageFormat:
            return of(ErrorCode::InvalidImageFormat);
        case CallStatus::TooLarge:
            // Of the picture; else the model's context, or an answer without an end.
            return of(call.field == "image" ? ErrorCode::ImageTooLarge : ErrorCode::LmStudio);
        case CallStatus::Unavailable:
        case CallStatus::Crashed:
        case CallStatus::Hung:
        case CallStatus::Protocol:
            return of(ErrorCode::ServiceUnavailable);
        case CallStatus::Busy: {
            Error error = of(ErrorCode::RefusingWork);
            error.retryAfterSeconds = static_cast<int>(
                std::chrono::ceil<std::chrono::seconds>(busyDelay(call.details)).count());
            return error;
        }
        case CallStatus::Timeout:
            return of(ErrorCode::Timeout);
        case CallStatus::Cancelled:
            return of(call.cancelReason == plugins::CancelReason::Deadline
                          ? ErrorCode::Timeout
                          : ErrorCode::RefusingWork);
        case CallStatus::Ok:
        case CallStatus::InvalidArgument:  // the settings are wrong, or the model's name
        case CallStatus::Unsupported:
        case CallStatus::Upstream:
        case CallStatus::BadOutput: {
            Error error = of(ErrorCode::LmStudio);
            if (call.ok()) error.message = "The vision model answered without scene JSON.";
            if (const std::string& words = wordsOf(call);
                !words.empty() || call.ok() || call.status == CallStatus::BadOutput) {
                error.details["raw"] = utf8Head(words, kRawCharacters);
            }
            return error;
        }
        case CallStatus::OutOfMemory:
        case CallStatus::Internal:
            break;
    }
    return of(ErrorCode::Internal);
}

CallContext Vision::contextOf(const VisionTask& task) const {
    CallContext context;
    context.correlationId = task.correlationId;
    context.jobId = task.jobId;
    context.deadline = std::chrono::steady_clock::now() + setup_.timeout;
    context.cancellation = task.cancellation;
    return context;
}

Result<TextRequest> Vision::prepare(VisionTask& task) const {
    TextRequest request;
    request.model = task.model;
    request.steering = task.steering;
    imaging::MemorySource source(task.picture);
    request.extra["metadata"] = imaging::toJson(imaging::readMetadata(source));
    const auto info = readImageInfo(task.picture);
    request.extra["width"] = info ? info->width : 0;
    request.extra["height"] = info ? info->height : 0;
    auto converted = readable(std::move(task.picture), wantedBy(*setup_.backend));
    if (!converted) return converted.error();
    request.image = plugins::PictureIn{
        converted->mime, std::make_shared<const std::string>(std::move(converted->bytes)),
        converted->width, converted->height};
    return request;
}

Result<Json> Vision::analyze(VisionTask task) {
    auto turn = lane_.enter(VisionLane::Crowd::Bounded,
                            std::chrono::steady_clock::now() + setup_.timeout, *task.cancellation);
    if (!turn) return turn.error();
    const CallContext context = contextOf(task);
    auto request = prepare(task);
    if (!request) return request.error();
    request->system = kInstructions;
    if (!task.steering.empty()) request->system += kSteered;
    request->user = askFor(task.steering, request->extra["metadata"]);
    request->responseSchema = sceneSchema();

    ++looks_;
    CallResult call = setup_.backend->analyze(*request, context);
    if (auto scene = sceneOf(call)) return std::move(*scene);
    if (!call.ok() && call.status != CallStatus::BadOutput) return visionError(call);
    spdlog::warn("[{}] the vision model's answer is unusable, asking once more: {}",
                 task.correlationId,
                 call.ok() ? "no scene JSON in " + std::to_string(call.text.size()) + " bytes"
                           : call.message);
    request->user = askAgain(request->user, call, wordsOf(call));
    CallResult again = setup_.backend->analyze(*request, context);
    if (auto scene = sceneOf(again)) return std::move(*scene);
    // The repair had no chance to say anything: the first answer tells more.
    const bool silent = again.status == CallStatus::BadOutput && wordsOf(again).empty();
    return visionError(silent ? call : again);
}

CallResult Vision::tell(VisionTask task, std::string system, std::string user,
                        std::optional<std::int64_t> seed) {
    auto turn = lane_.enter(VisionLane::Crowd::Patient,
                            std::chrono::steady_clock::now() + setup_.timeout, *task.cancellation);
    if (!turn) {
        CallResult call = failure(CallStatus::Busy, turn.error());
        call.cancelReason = task.cancellation->reason();
        if (call.cancelReason != plugins::CancelReason::None) call.status = CallStatus::Cancelled;
        return call;
    }
    const CallContext context = contextOf(task);
    auto request = prepare(task);
    if (!request) return failure(CallStatus::InvalidArgument, request.error());
    request->system = std::move(system);
    request->user = std::move(user);
    request->seed = seed;
    ++looks_;
    return setup_.backend->analyze(*request, context);
}

}  // namespace host::pipeline
