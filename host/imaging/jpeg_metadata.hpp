// The segments of a JPEG before its pixels, walked over without reading what is in them. Belongs to
// one thread.
#pragma once

#include <optional>
#include <string_view>

#include "imaging/metadata_source.hpp"

namespace host::imaging {

struct JpegSegment {
    std::uint32_t marker = 0;
    std::uint64_t at = 0;      // of its 0xff
    std::uint64_t dataAt = 0;  // behind its length
    std::size_t size = 0;      // of the data
    std::uint64_t end() const { return dataAt + size; }
};

inline constexpr std::uint32_t kJpegApp0 = 0xe0;
inline constexpr std::uint32_t kJpegApp1 = 0xe1;
inline constexpr std::uint32_t kJpegComment = 0xfe;
inline constexpr std::size_t kJpegMaxSegment = 0xffff - 2;  // of data

class JpegWalk {
  public:
    explicit JpegWalk(ByteSource& jpeg) : jpeg_(jpeg), heads_(jpeg) {}
    // Nothing at the pixels, at a segment that is not whole, and after very many.
    std::optional<JpegSegment> next();
    bool begins(const JpegSegment& segment, std::string_view with);
    // True when next() has come to the pixels.
    bool atPixels() const { return atPixels_; }

  private:
    ByteSource& jpeg_;
    HeadReader heads_;
    std::uint64_t at_ = 2;
    int walked_ = 0;
    bool atPixels_ = false;
};

// What stands in front of the data of the segments in question.
inline constexpr std::string_view kExifHead{"Exif\0\0", 6};
inline constexpr std::string_view kXmpHead{"http://ns.adobe.com/xap/1.0/\0", 29};

// Our JSON where XMP is not to be had: comments of the form "image_pipeline 1/2 <part>".
inline constexpr std::string_view kOwnCommentHead = "image_pipeline ";
inline constexpr std::size_t kMaxOwnComments = 9;

}  // namespace host::imaging
