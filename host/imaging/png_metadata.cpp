#include "imaging/png_metadata.hpp"

#include <zlib.h>

#include <algorithm>

#include "imaging/exif.hpp"
#include "imaging/metadata_found.hpp"
#include "imaging/metadata_text.hpp"
#include "imaging/xmp.hpp"

namespace host::imaging {

namespace {

using namespace std::string_view_literals;

constexpr int kMaxChunks = 1 << 17;
constexpr std::size_t kMaxKeyword = 79;
// Over all chunks that have a name of interest, however often one comes.
constexpr std::size_t kMaxTextWork = 8 * kMaxMetadataText;

bool isText(const std::string& type) {
    return type == "tEXt" || type == "zTXt" || type == "iTXt";
}

// What a zlib stream holds; "" when it is damaged or holds more than is kept of a text.
std::string inflated(std::string_view packed) {
    z_stream stream = {};
    if (inflateInit(&stream) != Z_OK) return {};
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    std::string out;
    int state = Z_OK;
    while (state == Z_OK && out.size() <= kMaxMetadataText) {
        const std::size_t have = out.size();
        out.resize(have + 16 * 1024);
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + have);
        stream.avail_out = static_cast<uInt>(out.size() - have);
        state = inflate(&stream, Z_NO_FLUSH);
        out.resize(out.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    return state == Z_STREAM_END && out.size() <= kMaxMetadataText ? out : std::string();
}

// The text in a chunk's data, whose keyword is taken off.
std::string textIn(const std::string& type, std::string_view data) {
    if (type == "tEXt") return cleanText(data);
    if (type == "zTXt") return data.starts_with('\0') ? cleanText(inflated(data.substr(1))) : "";
    if (data.size() < 2) return {};
    const bool packed = data[0] != 0;
    if (packed && data[1] != 0) return {};
    data.remove_prefix(2);
    for (int skipped = 0; skipped < 2; ++skipped) {  // language, keyword in that language
        const std::size_t end = data.find('\0');
        if (end == std::string_view::npos) return {};
        data.remove_prefix(end + 1);
    }
    return cleanText(packed ? inflated(data) : std::string(data));
}

}  // namespace

std::optional<PngChunkHead> PngWalk::next() {
    if (++walked_ > kMaxChunks) return std::nullopt;
    const std::string_view head = heads_.at(at_, 8);
    if (head.empty()) return std::nullopt;
    PngChunkHead chunk{std::string(head.substr(4)), at_ + 8, big32(head, 0)};
    if (chunk.type == "IEND" || chunk.size > 0x7fffffff || chunk.end() > png_.size()) {
        return std::nullopt;
    }
    at_ = chunk.end();
    return chunk;
}

std::string PngWalk::keyword(const PngChunkHead& chunk) {
    if (!isText(chunk.type)) return {};
    const std::size_t size = std::min<std::size_t>(chunk.size, kMaxKeyword + 1);
    const std::string_view head = heads_.at(chunk.dataAt, size);
    const std::size_t end = head.find('\0');
    return end == std::string_view::npos ? std::string() : std::string(head.substr(0, end));
}

void readPngFound(ByteSource& png, Found& found) {
    PngWalk walk(png);
    std::size_t work = 0;
    std::string packet;
    while (const auto chunk = walk.next()) {
        if (chunk->type == "eXIf") {
            PartSource exif(png, chunk->dataAt, chunk->size);
            if (work < kMaxTextWork) readExif(exif, found);
            work += kMaxMetadataText;
            continue;
        }
        const std::string keyword = walk.keyword(*chunk);
        if (keyword.empty()) continue;
        std::string* wanted = nullptr;
        if (keyword == kOwnKeyword) wanted = &found.own;
        if (keyword == kParametersKeyword && !found.parametersByName) wanted = &found.parameters;
        if (keyword == "prompt") wanted = &found.graph;
        if (keyword == "XML:com.adobe.xmp") wanted = &packet;
        if (wanted == nullptr || (!wanted->empty() && wanted != &found.parameters)) continue;
        if (chunk->size > kMaxMetadataText || work > kMaxTextWork) continue;
        // Packed text costs what it may unpack to.
        work += chunk->type == "tEXt" ? chunk->size : kMaxMetadataText;
        const std::string data = readPart(png, chunk->dataAt, chunk->size);
        if (data.size() < chunk->size) break;
        const std::string text =
            textIn(chunk->type, std::string_view(data).substr(keyword.size() + 1));
        if (text.empty()) continue;
        *wanted = text;
        if (wanted == &found.parameters) found.parametersByName = true;
    }
    if (found.own.empty()) found.own = ownFromXmp(packet);
}

}  // namespace host::imaging
