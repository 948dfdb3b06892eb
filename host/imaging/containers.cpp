#include "imaging/containers.hpp"

#include <algorithm>
#include <cstring>

namespace host::imaging {

namespace {

using namespace std::string_view_literals;

std::uint32_t byteAt(std::string_view data, std::size_t at) {
    return static_cast<unsigned char>(data[at]);
}

// Fills in what is there of a chunk and takes it off `rest`.
void take(std::string_view& rest, Chunk& chunk, std::size_t header, std::uint64_t size,
          std::uint64_t whole) {
    chunk.complete = whole <= rest.size();
    chunk.data = rest.substr(header, static_cast<std::size_t>(size));
    chunk.whole = rest.substr(0, static_cast<std::size_t>(whole));
    rest.remove_prefix(chunk.whole.size());
}

// The place of the next marker's code from `at` on, past the entropy-coded data before it.
std::size_t nextMarker(std::string_view jpeg, std::size_t at) {
    while (at + 1 < jpeg.size()) {
        const void* found = std::memchr(jpeg.data() + at, 0xff, jpeg.size() - at - 1);
        if (found == nullptr) break;
        at = static_cast<std::size_t>(static_cast<const char*>(found) - jpeg.data()) + 1;
        const std::uint32_t code = byteAt(jpeg, at);
        const bool stuffed = code == 0 || code == 0xff || (code >= 0xd0 && code <= 0xd7);
        if (!stuffed) return at;
    }
    return jpeg.size();
}

}  // namespace

JpegFacts readJpegFacts(std::string_view jpeg) {
    constexpr std::uint32_t kEnd = 0xd9;
    constexpr std::uint32_t kScan = 0xda;
    constexpr std::uint32_t kApp1 = 0xe1;
    constexpr std::uint32_t kApp14 = 0xee;
    JpegFacts facts;
    std::size_t at = nextMarker(jpeg, 2);
    while (at + 3 <= jpeg.size()) {
        const std::uint32_t code = byteAt(jpeg, at);
        if (code == kEnd) break;
        const std::size_t length = byteAt(jpeg, at + 1) << 8 | byteAt(jpeg, at + 2);
        const std::string_view data =
            length < 2 ? std::string_view{} : jpeg.substr(at + 3, length - 2);
        if (code == kScan) ++facts.scans;
        if (code == kApp1 && facts.exif.empty() && data.starts_with("Exif\0\0"sv))
            facts.exif = data;
        if (code == kApp14 && data.starts_with("Adobe")) facts.adobe = true;
        at = nextMarker(jpeg, at + 1 + std::max<std::size_t>(length, 2));
    }
    return facts;
}

bool nextPngChunk(std::string_view& rest, Chunk& chunk) {
    if (rest.size() < 8) return false;
    const std::uint64_t size =
        byteAt(rest, 0) << 24 | byteAt(rest, 1) << 16 | byteAt(rest, 2) << 8 | byteAt(rest, 3);
    chunk.type = rest.substr(4, 4);
    take(rest, chunk, 8, size, size + kPngChunkFrame);
    return true;
}

bool nextRiffChunk(std::string_view& rest, Chunk& chunk) {
    if (rest.size() < kRiffChunkHeader) return false;
    const std::uint64_t size =
        byteAt(rest, 7) << 24 | byteAt(rest, 6) << 16 | byteAt(rest, 5) << 8 | byteAt(rest, 4);
    chunk.type = rest.substr(0, 4);
    take(rest, chunk, kRiffChunkHeader, size, kRiffChunkHeader + size + (size & 1));
    return true;
}

std::string_view pngChunk(std::string_view png, std::string_view type) {
    std::string_view rest = png.substr(std::min(png.size(), kPngSignature));
    Chunk chunk;
    while (nextPngChunk(rest, chunk)) {
        if (chunk.type == type && chunk.complete) return chunk.data;
    }
    return {};
}

std::string_view riffChunk(std::string_view chunks, std::string_view type) {
    Chunk chunk;
    while (nextRiffChunk(chunks, chunk)) {
        if (chunk.type == type) return chunk.data;
    }
    return {};
}

}  // namespace host::imaging
