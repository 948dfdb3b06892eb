#include <spdlog/spdlog.h>

#include "imaging/pixels.hpp"
#include "pipeline/admission.hpp"
#include "pipeline/picture_stamp.hpp"
#include "pipeline/stages.hpp"
#include "support/sync.hpp"
#include "support/text.hpp"

namespace host::pipeline {

namespace {

using plugins::CallStatus;

CallStatus statusOf(const Error& error) {
    switch (error.code) {
        case ErrorCode::InvalidImageFormat:
            return CallStatus::BadOutput;
        case ErrorCode::ImageTooLarge:
            return CallStatus::TooLarge;
        default:
            return CallStatus::Internal;
    }
}

// What is wrong with the picture that a request brought: no endpoint can help that.
CallStatus inputStatusOf(const Error& error) {
    switch (error.code) {
        case ErrorCode::InvalidImageFormat:
            return CallStatus::ImageFormat;
        case ErrorCode::ImageTooLarge:
            return CallStatus::TooLarge;
        default:
            return CallStatus::Internal;
    }
}

// Collects what the plugin hands over. Held by the call, which may outlive draw() when a plugin
// hangs: after close() everything that still comes is refused.
class DrawObserver : public plugins::CallObserver,
                     public std::enable_shared_from_this<DrawObserver> {
  public:
    DrawObserver(store::PictureStore& pictures, PictureOrigin origin, ProgressSink progress,
                 PreviewSink preview)
        : pictures_(pictures),
          origin_(std::move(origin)),
          progress_(std::move(progress)),
          preview_(std::move(preview)) {}

    const PictureOrigin& origin() const { return origin_; }

    void progress(double fraction, std::uint32_t /*step*/, std::uint32_t /*steps*/,
                  std::string_view phase) override {
        if (isOpen()) progress_(fraction, phase);
    }

    void preview(std::string_view mime, std::span<const std::byte> bytes) override {
        if (isOpen()) preview_(mime, bytes);
    }

    std::unique_ptr<plugins::PictureWriter> beginPicture(const plugins::PictureInfo& info,
                                                         CallStatus& why) override;

    void received(ReceivedPicture picture) {
        const MutexLock lock(mutex_);
        if (open_) received_.push_back(std::move(picture));
    }

    std::optional<Error> storeError() {
        const MutexLock lock(mutex_);
        return storeError_;
    }
    void failed(const Error& error) {
        const MutexLock lock(mutex_);
        storeError_ = error;
    }

    std::vector<ReceivedPicture> close() {
        const MutexLock lock(mutex_);
        open_ = false;
        return std::move(received_);
    }

  private:
    bool isOpen() {
        const MutexLock lock(mutex_);
        return open_;
    }

    store::PictureStore& pictures_;
    const PictureOrigin origin_;
    const ProgressSink progress_;
    const PreviewSink preview_;
    Mutex mutex_;
    bool open_ IPL_GUARDED_BY(mutex_) = true;
    std::vector<ReceivedPicture> received_ IPL_GUARDED_BY(mutex_);
    std::optional<Error> storeError_ IPL_GUARDED_BY(mutex_);
};

class Writer : public plugins::PictureWriter {
  public:
    Writer(std::shared_ptr<DrawObserver> observer, std::unique_ptr<store::IncomingPicture> file,
           plugins::PictureInfo info)
        : observer_(std::move(observer)), file_(std::move(file)), info_(std::move(info)) {}

    CallStatus write(std::span<const std::byte> bytes) override {
        return note(file_->write(bytes));
    }

    CallStatus commit() override {
        auto facts = file_->finish([this](const store::PictureFacts& seen) {
            return stampOf(observer_->origin(), info_, seen);
        });
        if (!facts) return note(std::move(facts.error()));
        observer_->received({std::move(file_), std::move(*facts), std::move(info_)});
        return CallStatus::Ok;
    }

  private:
    CallStatus note(const Status& status) {
        if (status) return CallStatus::Ok;
        observer_->failed(status.error());
        return statusOf(status.error());
    }

    std::shared_ptr<DrawObserver> observer_;
    std::unique_ptr<store::IncomingPicture> file_;
    plugins::PictureInfo info_;
};

std::unique_ptr<plugins::PictureWriter> DrawObserver::beginPicture(const plugins::PictureInfo& info,
                                                                   CallStatus& why) {
    if (!isOpen()) {
        why = CallStatus::Cancelled;
        return nullptr;
    }
    auto file = pictures_.receive();
    if (!file) {
        failed(file.error());
        why = statusOf(file.error());
        return nullptr;
    }
    return std::make_unique<Writer>(shared_from_this(), std::move(*file), info);
}

// What the backend has no notion of stays out.
plugins::ImageRequest requestOf(const Work& work, const plugins::Capabilities& able) {
    const JobSpec& spec = *work.spec;
    plugins::ImageRequest request;
    request.prompt = work.promptUsed();
    if (able.negativePrompt.value_or(true)) request.negativePrompt = spec.negativePrompt;
    request.orientation = spec.orientation;
    request.sizeClass = spec.size;
    if (const auto exact = exactSize(spec.size)) {
        SizeWords words = nearestClass(*exact);
        request.orientation = std::move(words.orientation);
        request.sizeClass = std::move(words.size);
    }
    if (const auto pixels = pixelSize(spec.size, spec.orientation)) {
        const PixelSize size = able.nearestSize(*pixels);
        request.width = size.width;
        request.height = size.height;
    }
    request.steps = static_cast<std::uint32_t>(stepsAt(able, spec));
    request.runIndex = static_cast<std::uint32_t>(work.run());
    request.attempt = static_cast<std::uint32_t>(work.row.tries);
    if (able.seed.value_or(true)) request.seed = spec.seedOf(work.run());
    request.guidanceScale = guidanceAt(able, spec, work.jobId(), work.run());
    request.wantsPreview = true;
    return request;
}

// An input picture as the endpoint's backend wants it; or what is wrong with it, in `call`.
std::optional<plugins::PictureIn> inputOf(const std::string& file, const imaging::Wanted& wanted,
                                          store::PictureStore& pictures,
                                          plugins::CallResult& call) {
    auto bytes = pictures.loadInput(file);
    if (!bytes) {
        call = unreadableInput(bytes.error());
        return std::nullopt;
    }
    auto picture = imaging::convert(std::move(*bytes), wanted);
    if (!picture) {
        call.status = inputStatusOf(picture.error());
        call.field = "image";
        call.message = "the input picture cannot be used: " + picture.error().message;
        return std::nullopt;
    }
    return plugins::PictureIn{std::move(picture->mime),
                              std::make_shared<const std::string>(std::move(picture->bytes)),
                              picture->width, picture->height};
}

}  // namespace

std::string fileStem(const EndpointSetup& setup, const std::string& remoteName,
                     const std::string& jobId, int run) {
    std::string where = setup.ip ? safeFileName(*setup.ip, 64) : slug(setup.name);
    std::replace(where.begin(), where.end(), '.', '_');
    std::string what = jobId + "_" + std::to_string(run + 1);
    if (!remoteName.empty()) {
        what = safeFileName(remoteName, 120);
        // The ending follows the real bytes.
        if (const auto dot = what.rfind('.'); dot != std::string::npos && dot > 0) what.resize(dot);
    }
    return "gen_" + where + "_" + what;
}

namespace {

DrawOutcome drawOnce(const Work& work, const EndpointSetup& setup, store::PictureStore& pictures,
                     ProgressSink progress, PreviewSink preview) {
    const auto begun = std::chrono::steady_clock::now();
    DrawOutcome outcome;
    const auto able = setup.backend->capabilities();
    // It may have come back as another one since the job was submitted.
    if (const auto unable = inabilities(*able, *work.spec); !unable.empty()) {
        outcome.call.status = CallStatus::Unsupported;
        outcome.call.field = unable.front().field;
        outcome.call.message = "the endpoint " + unable.front().reason;
        return outcome;
    }
    plugins::ImageRequest request = requestOf(work, *able);
    outcome.steps = request.steps;
    // A mask and its start picture have to stand the same way up.
    imaging::Wanted wanted = able->input;
    wanted.upright = true;
    if (work.spec->hasImage()) {
        request.image = inputOf(work.inputFile, wanted, pictures, outcome.call);
        if (!request.image) return outcome;
        request.strength = work.spec->strength;
    }
    for (const InputPicture& input : work.spec->inputs) {
        auto picture = inputOf(input.file, wanted, pictures, outcome.call);
        if (!picture) {
            outcome.call.field = plugins::nameOf(input.role);
            return outcome;
        }
        picture->role = input.role;
        request.others.push_back(std::move(*picture));
    }
    const auto observer = std::make_shared<DrawObserver>(pictures, originOf(work, setup, request),
                                                         std::move(progress), std::move(preview));
    plugins::CallContext context;
    context.correlationId = work.correlationId;
    context.jobId = work.jobId();
    context.deadline = begun + work.limit;
    context.cancellation = work.cancellation;
    context.observer = observer;
    outcome.reached = true;
    outcome.call = setup.backend->generate(request, context);
    const std::optional<Error> storeError = observer->storeError();
    outcome.pictures = observer->close();
    if (!outcome.call.ok() && storeError) {
        outcome.call.message = storeError->message;
        if (storeError->code != ErrorCode::InvalidImageFormat &&
            storeError->code != ErrorCode::ImageTooLarge) {
            // Our own disk is full or out of order: nobody's fault but ours, and it may pass.
            outcome.call.status = CallStatus::Busy;
            outcome.call.details = {{"retry_after_ms", 10'000}};
        }
    }
    outcome.duration =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return outcome;
}

}  // namespace

plugins::CallResult unreadableInput(const Error& error) {
    plugins::CallResult call;
    call.message = error.message;
    call.status = CallStatus::InvalidArgument;
    if (error.code == ErrorCode::NotFound) return call;
    // It is there: our own disk or limits may get better.
    call.status = CallStatus::Busy;
    call.details = {{"retry_after_ms", 10'000}};
    return call;
}

plugins::CallResult outOfOurMemory() {
    // As with a full disk of our own: nobody else's fault, and it may pass.
    plugins::CallResult call;
    call.status = CallStatus::Busy;
    call.message = "this host has no memory left for it";
    call.details = {{"retry_after_ms", 10'000}};
    return call;
}

plugins::CallResult askEndpoint(plugins::Backend& backend, const plugins::CallContext& context) {
    try {
        return backend.probe(context);
    } catch (const std::bad_alloc&) {
        plugins::CallResult call = outOfOurMemory();
        call.status = CallStatus::OutOfMemory;  // Busy would say that it is there
        return call;
    }
}

DrawOutcome draw(const Work& work, const EndpointSetup& setup, store::PictureStore& pictures,
                 ProgressSink progress, PreviewSink preview) {
    try {
        return drawOnce(work, setup, pictures, std::move(progress), std::move(preview));
    } catch (const std::bad_alloc&) {
        DrawOutcome outcome;
        outcome.call = outOfOurMemory();
        return outcome;
    }
}

}  // namespace host::pipeline
