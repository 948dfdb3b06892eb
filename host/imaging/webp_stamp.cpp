#include <algorithm>

#include "imaging/exif.hpp"
#include "imaging/stamp_formats.hpp"
#include "imaging/stamp_output.hpp"
#include "imaging/webp_metadata.hpp"
#include "imaging/xmp.hpp"
#include "support/image_info.hpp"

namespace host::imaging {

namespace {

enum Flag : std::uint32_t { kXmpFlag = 0x04, kExifFlag = 0x08, kAlphaFlag = 0x10 };
constexpr std::uint32_t kExtendedSize = 10;

std::string chunkOf(std::string_view type, std::string_view data) {
    std::string chunk =
        std::string(type) + asLittle32(static_cast<std::uint32_t>(data.size())) + std::string(data);
    if (data.size() % 2 != 0) chunk += '\0';
    return chunk;
}

// The first chunk of the extended format, for a file of the simple one; "" when its size is not to
// be had.
std::string extendedFor(ByteSource& webp, const WebpChunkHead& pixels, std::uint32_t flags) {
    const std::string head = readPart(webp, 0, 64);
    const auto info = readImageInfo(head);
    if (!info || info->width == 0 || info->height == 0) return {};
    if (pixels.type == "VP8L" && (byteOf(head, 24) & 0x10U) != 0) flags |= kAlphaFlag;
    const auto side = [](std::uint32_t pixelCount) {
        return asLittle32(pixelCount - 1).substr(0, 3);
    };
    return chunkOf("VP8X", asLittle32(flags) + side(info->width) + side(info->height));
}

}  // namespace

Result<Stamped> stampWebp(ByteSource& from, int to, const StampTexts& stamp) {
    WebpWalk walk(from);
    const auto first = walk.next();
    if (!first) return Stamped::No;
    bool hasExif = false;
    std::uint64_t xmpAt = 0;
    std::uint64_t last = first->end();
    while (const auto chunk = walk.next()) {
        hasExif = hasExif || chunk->type == "EXIF";
        if (chunk->type == "XMP " && xmpAt == 0) xmpAt = chunk->at;
        last = chunk->end();
    }
    if (!walk.atEnd()) return Stamped::No;

    const std::uint32_t flags = (hasExif ? 0U : kExifFlag) | (xmpAt != 0 ? 0U : kXmpFlag);
    std::string begin;
    std::uint64_t copied = first->at;  // what `begin` stands for of the original
    if (first->type == "VP8X" && first->size >= kExtendedSize) {
        const std::string head = readPart(from, first->at, 9);
        if (head.size() < 9) return Stamped::No;
        begin = head.substr(0, 8) + static_cast<char>(byteOf(head, 8) | flags);
        copied = first->at + 9;
    } else if (first->type == "VP8 " || first->type == "VP8L") {
        begin = extendedFor(from, *first, flags);
    }
    if (begin.empty()) return Stamped::No;

    const std::string exif = hasExif ? "" : chunkOf("EXIF", exifWithComment(stamp.parameters));
    const std::string ours =
        xmpAt == 0 ? chunkOf("XMP ", xmpWithOwn(stamp.own)) : chunkOf(kOwnWebpChunk, stamp.own);
    const std::uint64_t end = std::min(last, walk.end());
    const std::string filling(static_cast<std::size_t>(last - end), '\0');
    constexpr std::uint64_t kMostBytes = 0xfffffff6;
    const std::uint64_t size =
        4 + begin.size() + (end - copied) + filling.size() + exif.size() + ours.size();
    if (size > kMostBytes) return Stamped::No;

    StampOutput out(from, to);
    out.write("RIFF" + asLittle32(static_cast<std::uint32_t>(size)) + "WEBP" + begin);
    // EXIF comes before XMP.
    const std::uint64_t exifAt = xmpAt == 0 ? end : xmpAt;
    out.copy(copied, exifAt);
    if (xmpAt == 0) out.write(filling);
    out.write(exif);
    out.copy(exifAt, end);
    if (xmpAt != 0) out.write(filling);
    out.write(ours);
    out.copy(walk.end(), from.size());  // whatever stands behind the picture
    if (!out.status()) return out.status().error();
    return Stamped::Yes;
}

}  // namespace host::imaging
