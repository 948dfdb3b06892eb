// Reading a picture file piece by piece: numbers in either byte order, parts of a file as files of
// their own, and a small window so that walking over many tiny chunks costs few reads.
// A source and what stands on it belong to one thread. No length is trusted; a short read is told.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "imaging/metadata.hpp"

namespace host::imaging {

inline std::uint32_t byteOf(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}
inline std::uint32_t big16(std::string_view bytes, std::size_t at) {
    return byteOf(bytes, at) << 8 | byteOf(bytes, at + 1);
}
inline std::uint32_t big32(std::string_view bytes, std::size_t at) {
    return big16(bytes, at) << 16 | big16(bytes, at + 2);
}
inline std::uint32_t little32(std::string_view bytes, std::size_t at) {
    return byteOf(bytes, at) | byteOf(bytes, at + 1) << 8 | byteOf(bytes, at + 2) << 16 |
           byteOf(bytes, at + 3) << 24;
}
std::string asBig16(std::uint32_t number);
std::string asBig32(std::uint32_t number);
std::string asLittle32(std::uint32_t number);

// The bytes from `begin` on, at most `size` of them. Borrows the source.
class PartSource : public ByteSource {
  public:
    PartSource(ByteSource& whole, std::uint64_t begin, std::uint64_t size);
    std::uint64_t size() const override { return size_; }
    std::size_t read(std::uint64_t offset, char* to, std::size_t count) override;

  private:
    ByteSource& whole_;
    std::uint64_t begin_;
    std::uint64_t size_;
};

// What is there of `count` bytes; for counts that are bounded by the caller.
std::string readPart(ByteSource& source, std::uint64_t offset, std::size_t count);

// Reads headers of a few bytes.
class HeadReader {
  public:
    explicit HeadReader(ByteSource& source) : source_(source) {}
    // `count` bytes, valid until the next call; empty when they are not all there.
    std::string_view at(std::uint64_t offset, std::size_t count);

  private:
    ByteSource& source_;
    std::array<char, 4096> window_{};
    std::uint64_t begin_ = 0;
    std::size_t filled_ = 0;
};

}  // namespace host::imaging
