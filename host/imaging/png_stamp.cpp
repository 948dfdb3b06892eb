#include <zlib.h>

#include <algorithm>

#include "imaging/png_metadata.hpp"
#include "imaging/stamp_formats.hpp"
#include "imaging/stamp_output.hpp"

namespace host::imaging {

namespace {

using namespace std::string_view_literals;

std::string chunkOf(std::string_view type, std::string_view data) {
    std::string body = std::string(type) + std::string(data);
    const uLong check = crc32_z(0, reinterpret_cast<const Bytef*>(body.data()), body.size());
    return asBig32(static_cast<std::uint32_t>(data.size())) + body +
           asBig32(static_cast<std::uint32_t>(check));
}

std::string internationalText(std::string_view keyword, std::string_view utf8) {
    return chunkOf("iTXt", std::string(keyword) + std::string("\0\0\0\0\0"sv) + std::string(utf8));
}

// As A1111 itself does: the old chunk, which every reader knows, where it can hold the text.
std::string textChunk(std::string_view keyword, std::string_view utf8) {
    const bool ascii = std::all_of(utf8.begin(), utf8.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!ascii) return internationalText(keyword, utf8);
    return chunkOf("tEXt", std::string(keyword) + '\0' + std::string(utf8));
}

}  // namespace

Result<Stamped> stampPng(ByteSource& from, int to, const StampTexts& stamp) {
    constexpr std::uint32_t kHeaderSize = 13;
    PngWalk walk(from);
    const auto header = walk.next();
    if (!header || header->type != "IHDR" || header->size != kHeaderSize) return Stamped::No;
    bool hasParameters = false;
    while (const auto chunk = walk.next()) {
        hasParameters = hasParameters || walk.keyword(*chunk) == kParametersKeyword;
    }
    StampOutput out(from, to);
    out.copy(0, header->end());
    // In front of one that another host wrote: the first one counts.
    out.write(internationalText(kOwnKeyword, stamp.own));
    if (!hasParameters) out.write(textChunk(kParametersKeyword, stamp.parameters));
    out.copy(header->end(), from.size());
    if (!out.status()) return out.status().error();
    return Stamped::Yes;
}

}  // namespace host::imaging
