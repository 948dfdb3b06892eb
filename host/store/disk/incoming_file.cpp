#include "store/disk/incoming_file.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>

#include "store/disk/picture_end.hpp"
#include "support/ids.hpp"
#include "support/image_info.hpp"
#include "support/text.hpp"

namespace host::store {

namespace {

constexpr std::uint64_t kHeadBytes = 1 << 20;
constexpr std::uint64_t kTailBytes = 64 * 1024;

Error noPicture(const char* why) {
    return Error{ErrorCode::InvalidImageFormat, why};
}

Result<std::string> readAt(const Descriptor& file, std::uint64_t at, std::uint64_t size) {
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < bytes.size()) {
        const ssize_t got = ::pread(file.number(), bytes.data() + have, bytes.size() - have,
                                    static_cast<off_t>(at + have));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return diskError("a file cannot be read", got < 0 ? errno : EIO);
        have += static_cast<std::size_t>(got);
    }
    return bytes;
}

}  // namespace

bool PlannedNames::reserve(const std::string& name) {
    const MutexLock lock(mutex_);
    return names_.insert(name).second;
}

void PlannedNames::release(const std::string& name) {
    const MutexLock lock(mutex_);
    names_.erase(name);
}

bool PlannedNames::has(const std::string& name) const {
    const MutexLock lock(mutex_);
    return names_.contains(name);
}

Result<std::unique_ptr<IncomingPicture>> IncomingFile::create(std::shared_ptr<Folder> folder,
                                                              std::shared_ptr<PlannedNames> names,
                                                              std::uint64_t maxBytes) {
    auto place = folder->open();
    if (!place) return place.error();
    std::unique_ptr<IncomingFile> incoming(new IncomingFile);
    auto file = createPart(**place, incoming->partName_);
    if (!file) {
        incoming->partName_.clear();
        return file.error();
    }
    incoming->folder_ = std::move(folder);
    incoming->names_ = std::move(names);
    incoming->maxBytes_ = maxBytes;
    incoming->place_ = std::move(*place);
    incoming->file_ = std::move(*file);
    return std::unique_ptr<IncomingPicture>(std::move(incoming));
}

IncomingFile::~IncomingFile() {
    if (!partName_.empty()) ::unlinkat(place_->number(), partName_.c_str(), 0);
    if (!planned_.empty()) names_->release(planned_);
}

Status IncomingFile::write(std::span<const std::byte> bytes) {
    std::string_view data(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (size_ + start_.size() + data.size() > maxBytes_) {
        return Error{ErrorCode::ImageTooLarge,
                     "the picture is larger than " + std::to_string(maxBytes_ >> 20) + " MiB"};
    }
    if (!recognized_) {
        start_ += data.substr(0, kImageMagicBytes);
        data.remove_prefix(std::min(data.size(), kImageMagicBytes));
        switch (looksLikePicture(start_)) {
            case Sniff::No:
                return noPicture("what came is no PNG, JPEG, WebP or GIF picture");
            case Sniff::TooShort:
                return Unit{};
            case Sniff::Yes:
                break;
        }
        recognized_ = true;
        const std::string start = std::move(start_);
        start_.clear();
        if (Status written = writeAll(*file_, start); !written) return written;
        size_ += start.size();
    }
    if (Status written = writeAll(*file_, data); !written) return written;
    size_ += data.size();
    return Unit{};
}

Result<PictureFacts> IncomingFile::check() {
    if (!recognized_) return noPicture("what came is too short for a picture");
    const std::uint64_t tailSize = std::min(size_, kTailBytes);
    auto head = readAt(*file_, 0, std::min(size_, kHeadBytes));
    if (!head) return head.error();
    auto tail = readAt(*file_, size_ - tailSize, tailSize);
    if (!tail) return tail.error();

    const auto info = readImageInfo(*head);
    if (!info) return noPicture("what came is no PNG, JPEG, WebP or GIF picture");
    // A JPEG may hold more metadata in front of its size than is looked at here.
    const bool sizeMustShow = info->format != ImageFormat::Jpeg || size_ <= kHeadBytes;
    if (sizeMustShow && (info->width == 0 || info->height == 0)) {
        return noPicture("the picture's header is damaged");
    }
    if (!isComplete(info->format, *head, *tail, size_)) {
        return noPicture("the picture is cut off");
    }
    PictureFacts picture;
    picture.mime = imageMime(info->format);
    picture.extension = imageExtension(info->format);
    picture.width = info->width;
    picture.height = info->height;
    picture.size = size_;
    return picture;
}

// Into a second file, which takes the place of the first.
void IncomingFile::stamp(const imaging::Stamp& stamp) {
    std::string name;
    auto stamped = createPart(*place_, name);
    if (!stamped) {
        spdlog::warn("a picture is kept without its metadata: {}", stamped.error().message);
        return;
    }
    imaging::FileSource from(file_->number());
    const auto written = imaging::writeStamped(from, (*stamped)->number(), stamp);
    if (!written || *written == imaging::Stamped::No) {
        ::unlinkat(place_->number(), name.c_str(), 0);
        spdlog::log(written ? spdlog::level::debug : spdlog::level::warn,
                    "a picture is kept without its metadata: {}",
                    written ? "its file has no place for it" : written.error().message);
        return;
    }
    ::unlinkat(place_->number(), partName_.c_str(), 0);
    partName_ = name;
    file_ = std::move(*stamped);
}

Result<PictureFacts> IncomingFile::finish(const StampFor& stampFor) {
    auto picture = check();
    if (!picture) return picture;
    if (stampFor) stamp(stampFor(*picture));
    if (Status synced = syncToDisk(*file_); !synced) return synced.error();
    struct stat facts = {};
    if (::fstat(file_->number(), &facts) != 0) return diskError("a file cannot be read", errno);
    extension_ = picture->extension;
    size_ = static_cast<std::uint64_t>(facts.st_size);
    picture->size = size_;
    picture->mtime = modificationTime(facts);
    return picture;
}

bool IncomingFile::isFree(const std::string& name) const {
    struct stat ignored = {};
    return ::fstatat(place_->number(), name.c_str(), &ignored, AT_SYMLINK_NOFOLLOW) != 0 &&
           errno == ENOENT;
}

Result<PlannedFile> IncomingFile::planName(const std::string& stem) {
    constexpr int kTries = 1000;
    constexpr std::size_t kMaxStem = 200;  // leaves room for a number and the ending
    if (extension_.empty()) return Error{ErrorCode::Internal, "the picture is not finished"};
    if (!planned_.empty()) {
        names_->release(planned_);
        planned_.clear();
    }
    struct stat facts = {};
    if (::fstat(file_->number(), &facts) != 0) return diskError("a file cannot be read", errno);
    const std::string safe = safeFileName(stem, kMaxStem);
    for (int i = 1; i <= kTries; ++i) {
        std::string name = safe;
        if (i == kTries) {
            name += "-" + randomHex(8);
        } else if (i > 1) {
            name += "-" + std::to_string(i);
        }
        name += extension_;
        if (!names_->reserve(name)) continue;
        if (!isFree(name)) {
            names_->release(name);
            continue;
        }
        planned_ = name;
        return PlannedFile{name, facts.st_ino};
    }
    return Error{ErrorCode::Internal, "no file name is free for the picture"};
}

Status IncomingFile::place() {
    if (planned_.empty() || partName_.empty()) {
        return Error{ErrorCode::Internal, "the picture has no planned name"};
    }
    if (!folder_->isCurrent(*place_)) {
        return Error{ErrorCode::Internal, "the output folder was removed or replaced meanwhile"};
    }
    if (Status renamed = renameNew(*place_, partName_, planned_); !renamed) return renamed;
    // From here on the file is not this object's any more, unless its name is not safe on disk.
    partName_ = planned_;
    if (Status synced = syncToDisk(*place_); !synced) return synced;
    partName_.clear();
    return Unit{};
}

}  // namespace host::store
