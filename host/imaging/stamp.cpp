#include "imaging/stamp.hpp"

#include "imaging/a1111.hpp"
#include "imaging/metadata_own.hpp"
#include "imaging/metadata_source.hpp"
#include "imaging/stamp_formats.hpp"
#include "support/image_info.hpp"
#include "support/text.hpp"
#include "support/version.hpp"

namespace host::imaging {

Stamp makeStamp(const Generation& generation, const Json& own) {
    const std::string software = std::string("Image Pipeline ") + kVersion;
    Stamp stamp;
    stamp.parameters = formatParameters(generation, software);
    Json all = {{"software", software}};
    if (own.is_object()) all.update(own);
    stamp.own = ownJson(generation, std::move(all));
    return stamp;
}

Result<Stamped> writeStamped(ByteSource& from, int to, const Stamp& stamp) {
    const auto format = sniffImage(readPart(from, 0, kImageMagicBytes));
    if (!format) return Stamped::No;
    const StampTexts texts{replaceInvalidUtf8(stamp.parameters),
                           stamp.own.dump(-1, ' ', false, Json::error_handler_t::replace)};
    switch (*format) {
        case ImageFormat::Png:
            return stampPng(from, to, texts);
        case ImageFormat::Jpeg:
            return stampJpeg(from, to, texts);
        case ImageFormat::Webp:
            return stampWebp(from, to, texts);
        case ImageFormat::Gif:
            break;
    }
    return Stamped::No;
}

}  // namespace host::imaging
