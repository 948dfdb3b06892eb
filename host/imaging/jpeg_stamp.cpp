#include <algorithm>

#include "imaging/exif.hpp"
#include "imaging/jpeg_metadata.hpp"
#include "imaging/stamp_formats.hpp"
#include "imaging/stamp_output.hpp"
#include "imaging/xmp.hpp"

namespace host::imaging {

namespace {

constexpr std::size_t kCommentPart = 60'000;

std::string segmentOf(std::uint32_t marker, std::string_view data) {
    return asBig16(0xff00 | marker) + asBig16(static_cast<std::uint32_t>(data.size() + 2)) +
           std::string(data);
}

// "" when it is longer than the comments that are read back.
std::string commentsOf(std::string_view json) {
    const std::size_t parts = (json.size() + kCommentPart - 1) / kCommentPart;
    if (parts > kMaxOwnComments) return {};
    std::string comments;
    for (std::size_t i = 0; i < parts; ++i) {
        const std::string head = std::string(kOwnCommentHead) + std::to_string(i + 1) + "/" +
                                 std::to_string(parts) + " ";
        comments += segmentOf(kJpegComment,
                              head + std::string(json.substr(i * kCommentPart, kCommentPart)));
    }
    return comments;
}

}  // namespace

Result<Stamped> stampJpeg(ByteSource& from, int to, const StampTexts& stamp) {
    JpegWalk walk(from);
    std::uint64_t insertAt = 2;
    bool leading = true;
    bool hasExif = false;
    bool hasXmp = false;
    bool hasOurs = false;
    while (const auto segment = walk.next()) {
        const bool app1 = segment->marker == kJpegApp1;
        const bool exif = app1 && walk.begins(*segment, kExifHead);
        hasExif = hasExif || exif;
        hasXmp = hasXmp || (app1 && walk.begins(*segment, kXmpHead));
        hasOurs =
            hasOurs || (segment->marker == kJpegComment && walk.begins(*segment, kOwnCommentHead));
        // JFIF and EXIF both want to come first.
        leading = leading && (segment->marker == kJpegApp0 || exif);
        if (leading) insertAt = segment->end();
    }
    if (!walk.atPixels()) return Stamped::No;

    std::string ours;
    const std::string exif = std::string(kExifHead) + exifWithComment(stamp.parameters);
    // A longer text is left out: cut, it would lose its settings; our JSON holds all of it.
    if (!hasExif && exif.size() <= kJpegMaxSegment) ours += segmentOf(kJpegApp1, exif);
    const std::string xmp = std::string(kXmpHead) + xmpWithOwn(stamp.own);
    if (!hasXmp && !hasOurs && xmp.size() <= kJpegMaxSegment) {
        ours += segmentOf(kJpegApp1, xmp);
    } else {
        ours += commentsOf(stamp.own);
    }
    StampOutput out(from, to);
    out.copy(0, insertAt);
    out.write(ours);
    out.copy(insertAt, from.size());
    if (!out.status()) return out.status().error();
    return Stamped::Yes;
}

}  // namespace host::imaging
