// Finding parts inside the bytes of a picture file that is whole in memory. Pure functions, any
// thread: no length in a file is trusted, what is skipped is not read, parts borrow from the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace host::imaging {

struct JpegFacts {
    std::string_view exif;  // of the first APP1 that begins with "Exif\0\0", with it; or empty
    bool adobe = false;     // has an Adobe marker: its CMYK is stored inverted
    std::uint32_t scans = 0;
};
JpegFacts readJpegFacts(std::string_view jpeg);

// The data of the first chunk of that type; empty when there is none.
std::string_view pngChunk(std::string_view png, std::string_view type);

inline constexpr std::size_t kRiffHeader = 12;      // "RIFF", size, "WEBP"
inline constexpr std::size_t kRiffChunkHeader = 8;  // type, size
inline constexpr std::size_t kPngSignature = 8;
inline constexpr std::size_t kPngChunkFrame = 12;  // size, type and checksum

// `chunks`: after the file's RIFF header.
std::string_view riffChunk(std::string_view chunks, std::string_view type);

// One chunk of a PNG or a RIFF file, walked through from the front.
struct Chunk {
    std::string_view type;
    std::string_view data;   // what is there of it
    std::string_view whole;  // with size, type, checksum or padding
    bool complete = false;
};
// Takes the first chunk off `rest`; false when no whole chunk header is left.
bool nextPngChunk(std::string_view& rest, Chunk& chunk);
bool nextRiffChunk(std::string_view& rest, Chunk& chunk);

}  // namespace host::imaging
