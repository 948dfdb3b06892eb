#include "imaging/webp_metadata.hpp"

#include <algorithm>

#include "imaging/exif.hpp"
#include "imaging/metadata_found.hpp"
#include "imaging/metadata_text.hpp"
#include "imaging/xmp.hpp"

namespace host::imaging {

namespace {

constexpr int kMaxChunks = 1 << 17;
constexpr int kMaxRead = 64;  // chunks whose data is looked at

}  // namespace

WebpWalk::WebpWalk(ByteSource& webp) : heads_(webp) {
    const std::string_view head = heads_.at(0, 12);
    if (head.empty() || !head.starts_with("RIFF") || head.substr(8) != "WEBP") return;
    end_ = std::min<std::uint64_t>(std::uint64_t{little32(head, 4)} + 8, webp.size());
}

std::optional<WebpChunkHead> WebpWalk::next() {
    if (at_ + 8 > end_ || ++walked_ > kMaxChunks) return std::nullopt;
    const std::string_view head = heads_.at(at_, 8);
    if (head.empty()) return std::nullopt;
    WebpChunkHead chunk{std::string(head.substr(0, 4)), at_, little32(head, 4)};
    if (chunk.dataAt() + chunk.size > end_) return std::nullopt;
    at_ = chunk.end();
    return chunk;
}

void readWebpFound(ByteSource& webp, Found& found) {
    WebpWalk walk(webp);
    std::string fromXmp;
    int looked = 0;
    while (const auto chunk = walk.next()) {
        const bool own = chunk->type == kOwnWebpChunk;
        const bool xmp = chunk->type == "XMP ";
        if (!own && !xmp && chunk->type != "EXIF") continue;
        if (++looked > kMaxRead) break;
        if (chunk->type == "EXIF") {
            PartSource exif(webp, chunk->dataAt(), chunk->size);
            readExif(exif, found);
            continue;
        }
        if (chunk->size > kMaxMetadataText) continue;
        const std::string data = readPart(webp, chunk->dataAt(), chunk->size);
        if (own) {
            found.own = cleanText(data);  // the last one is the newest
        } else if (fromXmp.empty()) {
            fromXmp = ownFromXmp(data);
        }
    }
    if (found.own.empty()) found.own = fromXmp;
}

}  // namespace host::imaging
