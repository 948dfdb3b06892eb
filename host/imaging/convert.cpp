#include <algorithm>
#include <functional>

#include "imaging/orientation.hpp"
#include "imaging/pixels.hpp"
#include "support/image_info.hpp"

namespace host::imaging {

namespace {

constexpr int kThumbnailQuality = 78;
// For a model to look at or draw from: what is lost does not show.
constexpr int kInputQuality = 93;

using Encode = std::function<Result<std::string>(const Pixels&)>;

struct Writer {
    std::string_view mime;
    Encode encode;
};

const std::vector<Writer>& writers() {
    static const std::vector<Writer> all{
        {"image/jpeg", [](const Pixels& p) { return encodeJpeg(p, kInputQuality); }},
        {"image/png", [](const Pixels& p) { return encodePng(p); }},
        {"image/webp", [](const Pixels& p) { return encodeWebp(p, kInputQuality); }},
        {kPixmapMime, [](const Pixels& p) { return Result<std::string>(encodePpm(p)); }},
    };
    return all;
}

bool isWanted(const Wanted& wanted, std::string_view mime) {
    return wanted.mimes.empty() ||
           std::find(wanted.mimes.begin(), wanted.mimes.end(), mime) != wanted.mimes.end();
}

const Writer* writerOf(std::string_view mime) {
    const auto found = std::find_if(writers().begin(), writers().end(),
                                    [&](const Writer& w) { return w.mime == mime; });
    return found == writers().end() ? nullptr : &*found;
}

// JPEG before all others, they in the order of the wish.
const Writer* writerFor(const Wanted& wanted) {
    if (isWanted(wanted, "image/jpeg")) return writerOf("image/jpeg");
    for (const std::string& mime : wanted.mimes) {
        if (const Writer* writer = writerOf(mime)) return writer;
    }
    return nullptr;
}

bool fits(const ImageInfo& info, std::uint32_t maxSide) {
    if (maxSide == 0) return true;
    return info.width > 0 && info.width <= maxSide && info.height <= maxSide;
}

}  // namespace

Result<std::string> thumbnail(std::string_view bytes) {
    const auto pixels = decode(bytes, kThumbnailSide);
    if (!pixels) return pixels.error();
    return encodeWebp(*pixels, kThumbnailQuality);
}

Result<Converted> convert(std::string bytes, const Wanted& wanted) {
    const auto info = readImageInfo(bytes);
    const bool stands = !wanted.upright || orientationOf(bytes) == 1;
    if (info && stands && isWanted(wanted, imageMime(info->format)) && fits(*info, wanted.maxSide))
        return Converted{std::string(imageMime(info->format)), std::move(bytes), info->width,
                         info->height};
    const Writer* writer = writerFor(wanted);
    if (writer == nullptr) {
        return Error{ErrorCode::InvalidImageFormat,
                     "The picture would have to be converted, but none of the formats that the "
                     "backend takes can be written."};
    }
    const auto pixels = decode(bytes, wanted.maxSide);
    if (!pixels) return pixels.error();
    auto encoded = writer->encode(*pixels);
    if (!encoded) return encoded.error();
    return Converted{std::string(writer->mime), std::move(*encoded), pixels->width, pixels->height,
                     true};
}

}  // namespace host::imaging
