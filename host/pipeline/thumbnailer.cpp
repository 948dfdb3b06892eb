#include "pipeline/thumbnailer.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "imaging/pixels.hpp"
#include "store/disk/trash_folder.hpp"
#include "support/priority.hpp"

namespace host::pipeline {

namespace {

using Clock = std::chrono::steady_clock;

// How far the two threads stand back behind drawing and answering.
constexpr int kNiceAsked = 5;
constexpr int kNiceAhead = 15;

Error noPicture() {
    return {ErrorCode::NotFound, "There is no such picture."};
}

Error noThumbnail() {
    return {ErrorCode::NotFound, "No thumbnail can be made of this picture."};
}

Error tryLater(const char* why) {
    Error error{ErrorCode::RefusingWork, why};
    error.retryAfterSeconds = 2;
    return error;
}

PictureState stateOf(const std::string& filename, const struct stat& facts) {
    return {filename, static_cast<std::uint64_t>(facts.st_size),
            std::int64_t{facts.st_mtim.tv_sec} * 1'000'000'000 + facts.st_mtim.tv_nsec};
}

Result<std::string> readWhole(const store::Descriptor& file, std::uint64_t size) {
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < bytes.size()) {
        const ssize_t got = ::pread(file.number(), bytes.data() + have, bytes.size() - have,
                                    static_cast<off_t>(have));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return store::diskError("the picture cannot be read", errno);
        if (got == 0) break;  // became shorter
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
}

}  // namespace

struct Thumbnailer::OpenPicture {
    store::SharedDescriptor file;
    PictureState state;
};

Thumbnailer::Thumbnailer(store::JobStore& store, std::filesystem::path outputDirectory,
                         std::filesystem::path folder, ThumbnailerOptions options)
    : store_(store),
      output_(std::move(outputDirectory)),
      options_([&options] {
          if (!options.make) options.make = imaging::thumbnail;
          return std::move(options);
      }()),
      folder_(std::move(folder)) {}

Thumbnailer::~Thumbnailer() {
    stop();
}

void Thumbnailer::start() {
    if (!threads_.empty()) return;
    threads_.emplace_back([this] { run(true); });
    threads_.emplace_back([this] { run(false); });
}

void Thumbnailer::stop() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
        work_.notifyAll();
        done_.notifyAll();
    }
    for (std::thread& thread : threads_)
        if (thread.joinable()) thread.join();
}

void Thumbnailer::want(const std::string& filename) {
    const MutexLock lock(mutex_);
    if (stopping_ || ahead_.size() >= options_.maxAhead) return;
    if (!tasks_.try_emplace(filename, std::make_shared<Task>()).second) return;
    ahead_.push_back(filename);
    work_.notifyAll();
}

void Thumbnailer::committed(const std::vector<store::EventRow>& events) {
    for (const store::EventRow& event : events) {
        if (event.type != "image") continue;
        const Json data = Json::parse(event.data, nullptr, false);
        if (data.is_object() && data.value("success", false)) want(data.value("filename", ""));
    }
}

Result<std::filesystem::path> Thumbnailer::get(const std::string& filename,
                                               std::chrono::milliseconds patience) {
    const auto until = Clock::now() + patience;
    const auto picture = open(filename);
    if (!picture) return picture.error();
    auto found = folder_.find(picture->state);
    if (found.state == ThumbnailFolder::State::Ready) return std::move(found.file);
    if (found.state == ThumbnailFolder::State::Unreadable) return noThumbnail();

    const MutexLock lock(mutex_);
    if (stopping_) return tryLater("The host is stopping.");
    auto known = tasks_.find(filename);
    if (known == tasks_.end() || !(known->second->asked || known->second->running)) {
        if (asked_.size() >= options_.maxAsked) {
            return tryLater("Too many thumbnails are being made at the moment.");
        }
        known = tasks_.try_emplace(filename, std::make_shared<Task>()).first;
        known->second->asked = true;
        asked_.push_back(filename);
        work_.notifyAll();
    }
    const TaskPointer task = known->second;
    while (!task->outcome && !stopping_) {
        if (!done_.waitUntil(mutex_, until)) break;
    }
    if (task->outcome) return *task->outcome;
    return tryLater("The thumbnail is still being made.");
}

Thumbnailer::TaskPointer Thumbnailer::take(bool onlyAsked, std::string& filename) {
    for (std::deque<std::string>* queue : {&asked_, &ahead_}) {
        if (queue == &ahead_ && onlyAsked) break;
        while (!queue->empty()) {
            filename = std::move(queue->front());
            queue->pop_front();
            // It may have stood in both queues and be made by now.
            const auto task = tasks_.find(filename);
            if (task != tasks_.end() && !task->second->running) return task->second;
        }
    }
    return nullptr;
}

void Thumbnailer::run(bool onlyAsked) {
    standBack(onlyAsked ? kNiceAsked : kNiceAhead);
    while (true) {
        std::string filename;
        TaskPointer task;
        {
            const MutexLock lock(mutex_);
            while (!stopping_ && !(task = take(onlyAsked, filename)))
                work_.wait(mutex_);
            if (stopping_) return;
            task->running = true;
        }
        auto outcome = makeGuarded(filename);
        const MutexLock lock(mutex_);
        task->outcome = std::move(outcome);
        tasks_.erase(filename);
        done_.notifyAll();
    }
}

Result<std::filesystem::path> Thumbnailer::makeGuarded(const std::string& filename) {
    try {
        return make(filename);
    } catch (const std::exception& exception) {
        spdlog::warn("no thumbnail of {}: {}", filename, exception.what());
        return noThumbnail();
    }
}

Result<std::filesystem::path> Thumbnailer::make(const std::string& filename) {
    const auto picture = open(filename);
    if (!picture) return picture.error();
    const PictureState& state = picture->state;
    auto found = folder_.find(state);
    if (found.state == ThumbnailFolder::State::Ready) return std::move(found.file);
    if (found.state == ThumbnailFolder::State::Unreadable) return noThumbnail();

    Result<std::string> small = Error{ErrorCode::ImageTooLarge, "the file is too large"};
    if (state.size <= options_.maxFileBytes) {
        const auto bytes = readWhole(*picture->file, state.size);
        if (!bytes) return bytes.error();
        small = options_.make(*bytes);
    }
    struct stat after = {};
    if (::fstat(picture->file->number(), &after) != 0 || stateOf(filename, after) != state) {
        return tryLater("The picture is being changed at the moment.");
    }
    if (!small) {
        spdlog::debug("no thumbnail of {}: {}", filename, small.error().message);
        const bool forEver = small.error().code == ErrorCode::InvalidImageFormat ||
                             small.error().code == ErrorCode::ImageTooLarge;
        if (forEver) static_cast<void>(folder_.saveUnreadable(state));
        return noThumbnail();
    }
    if (Status saved = folder_.save(state, *small); !saved) return saved.error();
    return std::move(folder_.find(state).file);
}

// In the output folder or in the trash.
Result<Thumbnailer::OpenPicture> Thumbnailer::open(const std::string& filename) const {
    if (filename.empty() || filename[0] == '.' || filename.find('/') != std::string::npos ||
        filename.find('\0') != std::string::npos) {
        return noPicture();
    }
    constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    auto file = std::make_shared<store::Descriptor>(::open((output_ / filename).c_str(), kFlags));
    if (file->number() < 0) {
        const auto row = store_.image(filename);
        if (!row) return row.error();
        if (!*row || (*row)->trashFile.empty()) return noPicture();
        const auto path = output_ / store::kTrashFolder / (*row)->trashFile;
        file = std::make_shared<store::Descriptor>(::open(path.c_str(), kFlags));
        if (file->number() < 0) return noPicture();
    }
    struct stat facts = {};
    if (::fstat(file->number(), &facts) != 0 || !S_ISREG(facts.st_mode)) return noPicture();
    return OpenPicture{std::move(file), stateOf(filename, facts)};
}

}  // namespace host::pipeline
