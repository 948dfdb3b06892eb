#include "services/calls/picture_conversions.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <stdexcept>

#include "imaging/pixels.hpp"
#include "services/calls/picture_part.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

constexpr std::uint64_t kLargestFile = std::uint64_t{256} << 20;

Result<std::string> encoded(const imaging::Pixels& pixels, const PictureEncoding& encoding) {
    switch (encoding.format) {
        case ImageFormat::Jpeg:
            return imaging::encodeJpeg(pixels, std::max(encoding.quality, 1));
        case ImageFormat::Webp:
            return imaging::encodeWebp(pixels, encoding.quality);
        default:
            return imaging::encodePng(pixels);
    }
}

Result<std::string> converted(const std::filesystem::path& folder, const std::string& name,
                              const PictureEncoding& encoding) {
    const auto size = pictureSize(folder, name);
    if (!size) return Error{ErrorCode::NotFound, "it is gone"};
    if (*size > kLargestFile) return Error{ErrorCode::ImageTooLarge, "its file is too large"};
    const std::string bytes =
        readPicturePart(folder, name, *size, 0, static_cast<std::size_t>(*size));
    const auto pixels = imaging::decode(bytes, 0);
    if (!pixels) return pixels.error();
    return encoded(*pixels, encoding);
}

}  // namespace

std::string formatName(ImageFormat format) {
    const std::string_view mime = imageMime(format);
    return std::string(mime.substr(mime.find('/') + 1));
}

std::string formatNameOf(const std::string& filename) {
    const std::string ending = toLower(filename.substr(filename.rfind('.') + 1));
    return ending == "jpg" ? "jpeg" : ending;
}

bool needsConversion(const std::string& filename, const PictureEncoding& encoding) {
    const bool lossy = encoding.format != ImageFormat::Png;
    return formatNameOf(filename) != formatName(encoding.format) ||
           (lossy && encoding.quality < 100);
}

bool PictureConversion::done() const {
    const MutexLock lock(mutex_);
    return done_;
}

std::shared_ptr<const std::string> PictureConversion::picture(const std::string& name) const {
    const MutexLock lock(mutex_);
    const auto found = made_.find(name);
    return found == made_.end() ? nullptr : found->second;
}

struct PictureConversions::State {
    Mutex mutex;
    CondVar changed;
    std::deque<std::weak_ptr<PictureConversion>> calls IPL_GUARDED_BY(mutex);
    std::uint64_t held IPL_GUARDED_BY(mutex) = 0;  // bytes
    bool ending IPL_GUARDED_BY(mutex) = false;

    void add(std::uint64_t bytes) IPL_EXCLUDES(mutex) {
        const MutexLock lock(mutex);
        held += bytes;
    }
    void giveBack(std::uint64_t bytes) IPL_EXCLUDES(mutex) {
        const MutexLock lock(mutex);
        held -= bytes;
        changed.notifyAll();
    }

    // A picture that counts as held until the last who has it lets go.
    struct Kept {
        Kept(std::shared_ptr<State> owner, std::string picture)
            : state(std::move(owner)), bytes(std::move(picture)) {
            state->add(bytes.size());
        }
        ~Kept() { state->giveBack(bytes.size()); }
        Kept(const Kept&) = delete;
        Kept& operator=(const Kept&) = delete;

        const std::shared_ptr<State> state;
        const std::string bytes;
    };
};

PictureConversions::PictureConversions(std::function<void()> wake)
    : wake_(std::move(wake)), state_(std::make_shared<State>()), thread_([this] { run(); }) {}

PictureConversions::~PictureConversions() {
    stop();
}

void PictureConversions::stop() {
    {
        const MutexLock lock(state_->mutex);
        state_->ending = true;
        state_->changed.notifyAll();
    }
    if (thread_.joinable()) thread_.join();
}

std::shared_ptr<PictureConversion> PictureConversions::begin(std::filesystem::path folder,
                                                             std::vector<std::string> names,
                                                             const PictureEncoding& encoding) {
    auto call = std::make_shared<PictureConversion>();
    call->folder_ = std::move(folder);
    call->names_ = std::move(names);
    call->encoding_ = encoding;
    if (call->names_.empty()) {
        const MutexLock lock(call->mutex_);
        call->done_ = true;
        return call;
    }
    const MutexLock lock(state_->mutex);
    state_->calls.push_back(call);
    state_->changed.notifyAll();
    return call;
}

std::shared_ptr<PictureConversion> PictureConversions::next(State& state) {
    const MutexLock lock(state.mutex);
    while (!state.ending) {
        if (!state.calls.empty() && state.held <= kMostHeld) {
            auto call = state.calls.front().lock();
            state.calls.pop_front();
            if (call) return call;
            continue;
        }
        state.changed.wait(state.mutex);
    }
    return nullptr;
}

void PictureConversions::run() const {
    while (const auto call = next(*state_)) {
        convert(*call);
        {
            const MutexLock lock(call->mutex_);
            call->done_ = true;
        }
        wake_();
    }
}

void PictureConversions::convert(PictureConversion& call) const {
    for (const std::string& name : call.names_) {
        try {
            auto bytes = converted(call.folder_, name, call.encoding_);
            if (!bytes) throw std::runtime_error(bytes.error().message);
            const auto kept = std::make_shared<State::Kept>(state_, std::move(*bytes));
            const MutexLock lock(call.mutex_);
            call.made_[name] = std::shared_ptr<const std::string>(kept, &kept->bytes);
        } catch (const std::exception& fault) {
            spdlog::warn("{} cannot be converted to {}: {}", name,
                         formatName(call.encoding_.format), fault.what());
        }
    }
}

}  // namespace host::services
