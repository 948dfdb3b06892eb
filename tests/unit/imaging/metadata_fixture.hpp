// What the tests of metadata share: the samples of tests/data/metadata, and files put together
// chunk by chunk.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/temp_dir.hpp"
#include "imaging/metadata.hpp"
#include "imaging/metadata_source.hpp"

namespace metadata_test {

using namespace std::string_view_literals;
using namespace host::imaging;

inline std::string sample(const std::string& name) {
    return test::readFile(IPL_TEST_DATA "/metadata/" + name);
}
inline std::string picture(const std::string& name) {
    return test::readFile(IPL_TEST_DATA "/pictures/" + name);
}

inline Metadata read(std::string_view bytes) {
    MemorySource source(bytes);
    return readMetadata(source);
}

inline std::string pngChunk(std::string_view type, std::string_view data) {
    return asBig32(static_cast<std::uint32_t>(data.size())) + std::string(type) +
           std::string(data) + "....";
}
inline std::string pngWith(std::string_view chunks) {
    return std::string("\x89PNG\r\n\x1a\n"sv) +
           pngChunk("IHDR", std::string("\0\0\0\x08\0\0\0\x08\x08\x02\0\0\0"sv)) +
           std::string(chunks) + pngChunk("IDAT", "pixels") + pngChunk("IEND", "");
}
inline std::string pngWithText(std::string_view keyword, std::string_view text) {
    return pngWith(pngChunk("tEXt", std::string(keyword) + '\0' + std::string(text)));
}

inline std::string deflated(std::string_view text) {
    uLongf size = compressBound(text.size());
    std::string packed(size, '\0');
    compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
              reinterpret_cast<const Bytef*>(text.data()), text.size(), 9);
    packed.resize(size);
    return packed;
}

inline std::string jpegSegment(std::uint8_t marker, std::string_view data) {
    return asBig16(0xff00U | marker) + asBig16(static_cast<std::uint32_t>(data.size() + 2)) +
           std::string(data);
}
inline std::string jpegWith(std::string_view segments) {
    return "\xff\xd8" + std::string(segments) +
           jpegSegment(0xc0, "\x08\0\x08\0\x08\x01\x01\x11\0"sv) +
           jpegSegment(0xda, "\x01\x01\0\0\x3f\0"sv) + "pixels\xff\xd9";
}

inline std::string webpChunk(std::string_view type, std::string_view data) {
    return std::string(type) + asLittle32(static_cast<std::uint32_t>(data.size())) +
           std::string(data) + (data.size() % 2 != 0 ? std::string(1, '\0') : std::string());
}
inline std::string webpWith(std::string_view chunks) {
    return "RIFF" + asLittle32(static_cast<std::uint32_t>(chunks.size() + 4)) + "WEBP" +
           std::string(chunks);
}

// A little-endian TIFF block: one directory of `entries`, each 12 bytes.
inline std::string tiffWith(const std::vector<std::string>& entries, std::string_view behind = {}) {
    std::string tiff = std::string("II*\0\x08\0\0\0"sv);
    tiff += asLittle32(static_cast<std::uint32_t>(entries.size())).substr(0, 2);
    for (const std::string& entry : entries)
        tiff += entry;
    return tiff + asLittle32(0) + std::string(behind);
}
inline std::string tiffEntry(std::uint32_t tag, std::uint32_t type, std::uint32_t count,
                             std::uint32_t value) {
    return asLittle32(tag).substr(0, 2) + asLittle32(type).substr(0, 2) + asLittle32(count) +
           asLittle32(value);
}

}  // namespace metadata_test
