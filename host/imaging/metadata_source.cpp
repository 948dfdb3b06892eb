#include "imaging/metadata_source.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace host::imaging {

std::string asBig16(std::uint32_t number) {
    return {static_cast<char>(number >> 8), static_cast<char>(number)};
}

std::string asBig32(std::uint32_t number) {
    return asBig16(number >> 16) + asBig16(number & 0xffff);
}

std::string asLittle32(std::uint32_t number) {
    return {static_cast<char>(number), static_cast<char>(number >> 8),
            static_cast<char>(number >> 16), static_cast<char>(number >> 24)};
}

std::size_t MemorySource::read(std::uint64_t offset, char* to, std::size_t count) {
    if (offset >= bytes_.size()) return 0;
    const auto from = static_cast<std::size_t>(offset);
    const std::size_t have = std::min(count, bytes_.size() - from);
    if (have > 0) std::memcpy(to, bytes_.data() + from, have);
    return have;
}

FileSource::FileSource(int fd) : fd_(fd) {
    struct stat facts = {};
    if (::fstat(fd_, &facts) == 0 && facts.st_size > 0) {
        size_ = static_cast<std::uint64_t>(facts.st_size);
    }
}

std::size_t FileSource::read(std::uint64_t offset, char* to, std::size_t count) {
    if (offset >= size_) return 0;
    count = static_cast<std::size_t>(std::min<std::uint64_t>(count, size_ - offset));
    std::size_t have = 0;
    while (have < count) {
        const ssize_t got =
            ::pread(fd_, to + have, count - have, static_cast<off_t>(offset + have));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        have += static_cast<std::size_t>(got);
    }
    return have;
}

PartSource::PartSource(ByteSource& whole, std::uint64_t begin, std::uint64_t size)
    : whole_(whole),
      begin_(std::min(begin, whole.size())),
      size_(std::min(size, whole.size() - begin_)) {}

std::size_t PartSource::read(std::uint64_t offset, char* to, std::size_t count) {
    if (offset >= size_) return 0;
    count = static_cast<std::size_t>(std::min<std::uint64_t>(count, size_ - offset));
    return whole_.read(begin_ + offset, to, count);
}

std::string readPart(ByteSource& source, std::uint64_t offset, std::size_t count) {
    if (offset >= source.size()) return {};
    count = static_cast<std::size_t>(std::min<std::uint64_t>(count, source.size() - offset));
    std::string bytes(count, '\0');
    bytes.resize(source.read(offset, bytes.data(), count));
    return bytes;
}

std::string_view HeadReader::at(std::uint64_t offset, std::size_t count) {
    if (count > window_.size()) return {};
    if (offset < begin_ || offset + count > begin_ + filled_) {
        begin_ = offset;
        filled_ = source_.read(offset, window_.data(), window_.size());
        if (filled_ < count) return {};
    }
    return {window_.data() + (offset - begin_), count};
}

}  // namespace host::imaging
