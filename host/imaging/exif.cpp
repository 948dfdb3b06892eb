#include "imaging/exif.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "imaging/metadata_source.hpp"
#include "imaging/metadata_text.hpp"
#include "support/text.hpp"

namespace host::imaging {

namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t kMaxEntries = 1000;
constexpr std::size_t kMaxCameraText = 200;

enum Type : std::uint32_t { kByte = 1, kAscii = 2, kShort = 3, kLong = 4, kRational = 5 };
constexpr std::uint32_t kUndefined = 7;

enum Tag : std::uint32_t {
    kDocumentName = 0x010d,
    kImageDescription = 0x010e,
    kMake = 0x010f,
    kModel = 0x0110,
    kDateTime = 0x0132,
    kExposureTime = 0x829a,
    kFNumber = 0x829d,
    kExifDirectory = 0x8769,
    kIso = 0x8827,
    kDateTimeOriginal = 0x9003,
    kFlash = 0x9209,
    kFocalLength = 0x920a,
    kUserComment = 0x9286,
    kFocalLength35 = 0xa405,
    kLensModel = 0xa434
};

std::size_t sizeOf(std::uint32_t type) {
    switch (type) {
        case kByte:
        case kAscii:
        case kUndefined:
            return 1;
        case kShort:
            return 2;
        case kLong:
            return 4;
        case kRational:
            return 8;
        default:
            return 0;
    }
}

struct Entry {
    std::uint32_t tag = 0;
    std::uint32_t type = 0;
    std::uint32_t count = 0;
    std::uint64_t valueAt = 0;
};

class Reader {
  public:
    Reader(ByteSource& tiff, Found& found) : tiff_(tiff), found_(found) {}
    void read();

  private:
    std::uint32_t short_(std::string_view bytes, std::size_t at) const {
        return big_ ? big16(bytes, at) : byteOf(bytes, at + 1) << 8 | byteOf(bytes, at);
    }
    std::uint32_t long_(std::string_view bytes, std::size_t at) const {
        return big_ ? big32(bytes, at) : little32(bytes, at);
    }
    void directory(std::uint64_t at);
    void take(const Entry& entry);
    void comment(const Entry& entry);
    // Camera data, or the JSON that ComfyUI hides in it.
    void ascii(const Entry& entry, std::string* camera);
    std::string bytesOf(const Entry& entry);
    std::optional<double> number(const Entry& entry);

    ByteSource& tiff_;
    Found& found_;
    Camera camera_;
    bool big_ = false;
    // The same large value may be named by many entries.
    std::size_t budget_ = 4 * kMaxMetadataText;
    std::uint64_t exifDirectory_ = 0;
    std::string changedAt_;
};

std::string Reader::bytesOf(const Entry& entry) {
    const std::uint64_t size = std::uint64_t{entry.count} * sizeOf(entry.type);
    if (size > kMaxMetadataText || size > budget_) return {};
    budget_ -= static_cast<std::size_t>(size);
    std::string bytes = readPart(tiff_, entry.valueAt, static_cast<std::size_t>(size));
    return bytes.size() == size ? bytes : std::string();
}

std::optional<double> Reader::number(const Entry& entry) {
    if (entry.count == 0 || entry.count > 16) return std::nullopt;
    const std::string bytes = bytesOf(entry);
    if (bytes.empty()) return std::nullopt;
    if (entry.type == kShort) return short_(bytes, 0);
    if (entry.type == kLong) return long_(bytes, 0);
    if (entry.type != kRational || long_(bytes, 4) == 0) return std::nullopt;
    return static_cast<double>(long_(bytes, 0)) / long_(bytes, 4);
}

void Reader::ascii(const Entry& entry, std::string* camera) {
    if (entry.type != kAscii && entry.type != kByte) return;
    const std::string bytes = bytesOf(entry);
    const std::string text =
        cleanText(std::string_view(bytes).substr(0, std::min(bytes.find('\0'), bytes.size())));
    constexpr std::string_view kGraph = "prompt:";
    constexpr std::string_view kWorkflow = "workflow:";
    if (iequals(std::string_view(text).substr(0, kGraph.size()), kGraph)) {
        if (found_.graph.empty()) found_.graph = text.substr(kGraph.size());
    } else if (camera != nullptr && camera->empty() && text.size() <= kMaxCameraText &&
               !iequals(std::string_view(text).substr(0, kWorkflow.size()), kWorkflow)) {
        *camera = trim(text);
    }
}

void Reader::comment(const Entry& entry) {
    if (entry.type != kUndefined && entry.type != kAscii && entry.type != kByte) return;
    if (!found_.parameters.empty()) return;
    const std::string bytes = bytesOf(entry);
    const std::string_view all = bytes;
    if (all.size() <= 8) return;
    std::string_view text = all.substr(8);
    if (all.starts_with("UNICODE\0"sv)) {
        // Which byte of a pair is zero tells the order: some write big endian whatever the block
        // says.
        bool big = true;
        if (text.starts_with("\xff\xfe")) {
            big = false;
        } else if (!text.starts_with("\xfe\xff")) {
            std::size_t zeros[2] = {0, 0};
            for (std::size_t i = 0; i < text.size(); ++i)
                zeros[i % 2] += text[i] == '\0' ? 1 : 0;
            big = zeros[0] == zeros[1] ? big_ : zeros[0] > zeros[1];
        }
        found_.parameters = fromUtf16(text, big);
    } else if (all.starts_with("ASCII\0\0\0"sv) || all.starts_with("\0\0\0\0\0\0\0\0"sv)) {
        found_.parameters = cleanText(text);
    } else {
        found_.parameters = cleanText(all);  // written without the code in front
    }
}

void Reader::take(const Entry& entry) {
    const auto positive = [&](std::optional<double>& to) {
        const auto value = number(entry);
        if (value && *value > 0) to = value;
    };
    switch (entry.tag) {
        case kDocumentName:
        case kImageDescription:
            return ascii(entry, nullptr);
        case kMake:
            return ascii(entry, &camera_.make);
        case kModel:
            return ascii(entry, &camera_.model);
        case kLensModel:
            return ascii(entry, &camera_.lens);
        case kDateTimeOriginal:
            return ascii(entry, &camera_.takenAt);
        case kDateTime:
            return ascii(entry, &changedAt_);
        case kExposureTime:
            return positive(camera_.exposureSeconds);
        case kFNumber:
            return positive(camera_.fNumber);
        case kFocalLength:
            return positive(camera_.focalLengthMm);
        case kFocalLength35:
            return positive(camera_.focalLength35Mm);
        case kIso:
            if (const auto value = number(entry);
                value && *value > 0 && *value <= std::numeric_limits<int>::max()) {
                camera_.iso = static_cast<int>(*value);
            }
            return;
        case kFlash:
            if (const auto value = number(entry)) {
                camera_.flash = (static_cast<std::uint32_t>(*value) & 1U) != 0;
            }
            return;
        case kUserComment:
            return comment(entry);
        case kExifDirectory:
            if (const auto value = number(entry)) {
                exifDirectory_ = static_cast<std::uint64_t>(*value);
            }
            return;
        default:
            return;
    }
}

void Reader::directory(std::uint64_t at) {
    const std::string head = readPart(tiff_, at, 2);
    if (head.size() < 2) return;
    const std::uint32_t count = std::min(short_(head, 0), kMaxEntries);
    const std::string entries = readPart(tiff_, at + 2, std::size_t{12} * count);
    for (std::size_t i = 0; i + 12 <= entries.size(); i += 12) {
        Entry entry{short_(entries, i), short_(entries, i + 2), long_(entries, i + 4), 0};
        const std::uint64_t size = std::uint64_t{entry.count} * sizeOf(entry.type);
        if (size == 0) continue;
        entry.valueAt = size <= 4 ? at + 2 + i + 8 : long_(entries, i + 8);
        take(entry);
    }
}

void Reader::read() {
    const std::string head = readPart(tiff_, 0, 8);
    if (head.size() < 8) return;
    big_ = head.starts_with("MM");
    if ((!big_ && !head.starts_with("II")) || short_(head, 2) != 42) return;
    directory(long_(head, 4));
    if (exifDirectory_ != 0) directory(exifDirectory_);
    if (camera_.takenAt.empty()) camera_.takenAt = changedAt_;
    // A date alone is no camera: programs write one, too.
    const bool known = !camera_.make.empty() || !camera_.model.empty() || !camera_.lens.empty() ||
                       camera_.focalLengthMm || camera_.fNumber || camera_.exposureSeconds ||
                       camera_.iso;
    if (known && !found_.camera) found_.camera = std::move(camera_);
}

}  // namespace

void readExif(ByteSource& tiff, Found& found) {
    const std::size_t skip = readPart(tiff, 0, 6) == "Exif\0\0"sv ? 6 : 0;
    PartSource block(tiff, skip, tiff.size());
    Reader(block, found).read();
}

std::string exifWithComment(std::string_view utf8) {
    const std::string comment = std::string("UNICODE\0"sv) + toUtf16(utf8);
    constexpr std::uint32_t kFirst = 8;
    constexpr std::uint32_t kSecond = kFirst + 2 + 12 + 4;  // behind a directory of one entry
    constexpr std::uint32_t kText = kSecond + 2 + 3 * 12 + 4;
    const auto entry = [](std::uint32_t tag, std::uint32_t type, std::uint32_t count,
                          const std::string& value) {
        return asBig16(tag) + asBig16(type) + asBig32(count) + value;
    };
    std::string tiff = std::string("MM\0\x2a"sv) + asBig32(kFirst);
    tiff += asBig16(1) + entry(kExifDirectory, kLong, 1, asBig32(kSecond)) + asBig32(0);
    tiff += asBig16(3) + entry(0x9000, kUndefined, 4, "0231") +  // version of EXIF
            entry(kUserComment, kUndefined, static_cast<std::uint32_t>(comment.size()),
                  asBig32(kText)) +
            entry(0xa000, kUndefined, 4, "0100") + asBig32(0);  // version of FlashPix
    return tiff + comment;
}

}  // namespace host::imaging
