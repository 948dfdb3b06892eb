#include "support/image_info.hpp"

#include <array>

namespace host {

namespace {

using namespace std::string_view_literals;

struct Size {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
};

// Reads outside the data give 0, which no size field may be: the answer is then "unknown".
class Bytes {
  public:
    explicit Bytes(std::string_view data) : data_(data) {}
    std::uint32_t at(std::size_t i) const {
        return i < data_.size() ? static_cast<unsigned char>(data_[i]) : 0;
    }
    std::uint32_t big16(std::size_t i) const { return at(i) << 8 | at(i + 1); }
    std::uint32_t big32(std::size_t i) const { return big16(i) << 16 | big16(i + 2); }
    std::uint32_t little16(std::size_t i) const { return at(i + 1) << 8 | at(i); }
    std::uint32_t little24(std::size_t i) const { return at(i + 2) << 16 | little16(i); }
    bool has(std::size_t from, std::string_view what) const {
        return data_.size() >= from && data_.substr(from, what.size()) == what;
    }
    bool holds(std::size_t size) const { return data_.size() >= size; }
    std::size_t size() const { return data_.size(); }

  private:
    std::string_view data_;
};

// A magic number; '?' stands for any byte (none of the four has a real one).
constexpr std::string_view kPng = "\x89PNG\r\n\x1a\n"sv;
constexpr std::string_view kJpeg = "\xff\xd8\xff"sv;
constexpr std::string_view kWebp = "RIFF????WEBP"sv;
constexpr std::string_view kGif87 = "GIF87a"sv;
constexpr std::string_view kGif89 = "GIF89a"sv;

struct Magic {
    std::string_view bytes;
    ImageFormat format;
};
constexpr std::array kMagics{Magic{kPng, ImageFormat::Png}, Magic{kJpeg, ImageFormat::Jpeg},
                             Magic{kWebp, ImageFormat::Webp}, Magic{kGif87, ImageFormat::Gif},
                             Magic{kGif89, ImageFormat::Gif}};

// As far as both reach.
bool fits(std::string_view data, std::string_view magic) {
    for (std::size_t i = 0; i < data.size() && i < magic.size(); ++i) {
        if (magic[i] != '?' && magic[i] != data[i]) return false;
    }
    return true;
}

Size pngSize(const Bytes& data) {
    if (!data.has(12, "IHDR") || !data.holds(24)) return {};
    constexpr std::uint32_t kMax = 0x7fffffff;
    const Size size{data.big32(16), data.big32(20)};
    return size.width > kMax || size.height > kMax ? Size{} : size;
}

Size gifSize(const Bytes& data) {
    if (!data.holds(10)) return {};
    return {data.little16(6), data.little16(8)};
}

Size jpegSize(const Bytes& data) {
    std::size_t at = 2;
    while (data.holds(at + 4)) {
        if (data.at(at) != 0xff) return {};
        const std::uint32_t marker = data.at(at + 1);
        if (marker == 0xff) {  // filling
            ++at;
            continue;
        }
        const bool standsAlone = marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
        if (standsAlone) {
            at += 2;
            continue;
        }
        if (marker == 0xd9 || marker == 0xda) return {};  // end, or pixels before any frame header
        const bool frame =
            marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
        if (frame) {
            if (!data.holds(at + 9)) return {};
            return {data.big16(at + 7), data.big16(at + 5)};
        }
        const std::uint32_t length = data.big16(at + 2);
        if (length < 2) return {};
        at += 2 + length;
    }
    return {};
}

Size webpSize(const Bytes& data) {
    constexpr std::uint32_t kMask14 = 0x3fff;
    if (!data.holds(30)) return {};
    if (data.has(12, "VP8 ") && data.has(23, "\x9d\x01\x2a")) {
        return {data.little16(26) & kMask14, data.little16(28) & kMask14};
    }
    if (data.has(12, "VP8L") && data.at(20) == 0x2f) {
        const std::uint32_t bits = data.little24(21) | data.at(24) << 24;
        return {(bits & kMask14) + 1, (bits >> 14 & kMask14) + 1};
    }
    if (data.has(12, "VP8X")) return {data.little24(24) + 1, data.little24(27) + 1};
    return {};
}

}  // namespace

std::string_view imageMime(ImageFormat format) {
    switch (format) {
        case ImageFormat::Png:
            return "image/png";
        case ImageFormat::Jpeg:
            return "image/jpeg";
        case ImageFormat::Webp:
            return "image/webp";
        case ImageFormat::Gif:
            return "image/gif";
    }
    return "application/octet-stream";
}

std::string_view imageExtension(ImageFormat format) {
    switch (format) {
        case ImageFormat::Png:
            return ".png";
        case ImageFormat::Jpeg:
            return ".jpg";
        case ImageFormat::Webp:
            return ".webp";
        case ImageFormat::Gif:
            return ".gif";
    }
    return ".bin";
}

std::optional<ImageFormat> sniffImage(std::string_view firstBytes) {
    for (const Magic& magic : kMagics) {
        if (firstBytes.size() >= magic.bytes.size() && fits(firstBytes, magic.bytes)) {
            return magic.format;
        }
    }
    return std::nullopt;
}

Sniff looksLikePicture(std::string_view firstBytes) {
    if (sniffImage(firstBytes)) return Sniff::Yes;
    for (const Magic& magic : kMagics) {
        if (firstBytes.size() < magic.bytes.size() && fits(firstBytes, magic.bytes)) {
            return Sniff::TooShort;
        }
    }
    return Sniff::No;
}

std::optional<ImageInfo> readImageInfo(std::string_view firstBytes) {
    const auto format = sniffImage(firstBytes);
    if (!format) return std::nullopt;
    const Bytes data(firstBytes);
    Size size;
    switch (*format) {
        case ImageFormat::Png:
            size = pngSize(data);
            break;
        case ImageFormat::Jpeg:
            size = jpegSize(data);
            break;
        case ImageFormat::Webp:
            size = webpSize(data);
            break;
        case ImageFormat::Gif:
            size = gifSize(data);
            break;
    }
    if (size.width == 0 || size.height == 0) size = {};
    return ImageInfo{*format, size.width, size.height};
}

}  // namespace host
