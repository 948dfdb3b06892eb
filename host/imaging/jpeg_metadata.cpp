#include "imaging/jpeg_metadata.hpp"

#include "imaging/exif.hpp"
#include "imaging/metadata_found.hpp"
#include "imaging/metadata_text.hpp"
#include "imaging/xmp.hpp"

namespace host::imaging {

namespace {

constexpr int kMaxSegments = 10'000;
constexpr int kMaxRead = 64;  // segments whose data is looked at

// Puts our JSON together again. A comment that is out of order ends it.
class OwnComments {
  public:
    // False when the text is none of ours.
    bool take(std::string_view text) {
        constexpr std::size_t kCount = 4;  // "1/2 "
        if (!text.starts_with(kOwnCommentHead)) return false;
        text.remove_prefix(kOwnCommentHead.size());
        if (text.size() < kCount || text[1] != '/' || text[3] != ' ') return true;
        const int part = text[0] - '0';
        const int parts = text[2] - '0';
        if (whole_ || part != have_ + 1 || part > parts) return true;
        json_ += text.substr(kCount);
        have_ = part;
        whole_ = part == parts;
        return true;
    }
    std::string json() const { return whole_ ? json_ : std::string(); }

  private:
    std::string json_;
    int have_ = 0;
    bool whole_ = false;
};

}  // namespace

std::optional<JpegSegment> JpegWalk::next() {
    constexpr std::uint32_t kStartOfScan = 0xda;
    constexpr std::uint32_t kEnd = 0xd9;
    while (++walked_ <= kMaxSegments) {
        const std::string_view head = heads_.at(at_, 4);
        if (head.empty() || byteOf(head, 0) != 0xff) return std::nullopt;
        const std::uint32_t marker = byteOf(head, 1);
        if (marker == 0xff) {  // filling
            ++at_;
            continue;
        }
        if (marker == kStartOfScan || marker == kEnd) {
            atPixels_ = marker == kStartOfScan;
            return std::nullopt;
        }
        if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {  // no length behind it
            at_ += 2;
            continue;
        }
        const std::size_t length = big16(head, 2);
        if (length < 2 || at_ + 2 + length > jpeg_.size()) return std::nullopt;
        JpegSegment segment{marker, at_, at_ + 4, length - 2};
        at_ = segment.end();
        return segment;
    }
    return std::nullopt;
}

bool JpegWalk::begins(const JpegSegment& segment, std::string_view with) {
    return segment.size >= with.size() && heads_.at(segment.dataAt, with.size()) == with;
}

void readJpegFound(ByteSource& jpeg, Found& found) {
    JpegWalk walk(jpeg);
    OwnComments comments;
    std::string fromXmp;
    std::string comment;
    int looked = 0;
    while (const auto segment = walk.next()) {
        if (segment->marker != kJpegApp1 && segment->marker != kJpegComment) continue;
        if (++looked > kMaxRead) break;
        if (segment->marker == kJpegComment) {
            const std::string text = readPart(jpeg, segment->dataAt, segment->size);
            if (!comments.take(text) && comment.empty()) comment = cleanText(text);
        } else if (walk.begins(*segment, kExifHead)) {
            PartSource exif(jpeg, segment->dataAt, segment->size);
            readExif(exif, found);
        } else if (walk.begins(*segment, kXmpHead) && fromXmp.empty()) {
            fromXmp = ownFromXmp(
                readPart(jpeg, segment->dataAt + kXmpHead.size(), segment->size - kXmpHead.size()));
        }
    }
    // Comments are only written where the packet was somebody else's: they are the newer word.
    found.own = comments.json().empty() ? fromXmp : cleanText(comments.json());
    if (found.parameters.empty()) found.parameters = comment;
}

}  // namespace host::imaging
