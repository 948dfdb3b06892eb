// Bad pictures are refused, or read as far as they are good, in bounded time and memory.
#include <chrono>
#include <random>

#include "imaging/orientation.hpp"
#include "pixels_fixture.hpp"

namespace host::imaging {
namespace {

using namespace pictures;
using namespace std::string_literals;

const char* const kFiles[] = {"plain.jpg",        "progressive.jpg", "cmyk.jpg",
                              "orientation6.jpg", "grey16.png",      "palette_interlaced.png",
                              "alpha.png",        "animated.gif",    "lossy.webp",
                              "lossless.webp",    "alpha.webp",      "animated.webp"};

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IPL_MEMORY_IS_DIFFERENT 1
#endif
#endif

// What a process needs at most, in MB; 0 where it cannot be told.
class Memory {
  public:
    Memory() {
        std::ofstream("/proc/self/clear_refs") << "5";
        before_ = peak();
    }
    double grownBy() const {
#ifdef IPL_MEMORY_IS_DIFFERENT
        return 0;
#else
        return peak() - before_;
#endif
    }

  private:
    static double peak() {
        std::ifstream status("/proc/self/status");
        for (std::string line; std::getline(status, line);) {
            if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
        }
        return 0;
    }
    double before_ = 0;
};

ErrorCode refusal(std::string_view bytes, std::uint32_t maxSide = 0) {
    const auto pixels = decode(bytes, maxSide);
    EXPECT_FALSE(pixels);
    if (pixels) return ErrorCode::Internal;
    EXPECT_FALSE(pixels.error().message.empty());
    return pixels.error().code;
}

std::uint32_t crcOf(std::string_view data) {
    std::uint32_t crc = ~0U;
    for (const char c : data) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1 ^ (0xedb88320U & (0 - (crc & 1)));
    }
    return ~crc;
}

std::string pngChunkOf(const std::string& type, const std::string& data) {
    return big32(static_cast<std::uint32_t>(data.size())) + type + data + big32(crcOf(type + data));
}

std::string pngOf(std::uint32_t width, std::uint32_t height) {
    return "\x89PNG\r\n\x1a\n" +
           pngChunkOf("IHDR", big32(width) + big32(height) + "\x08\x02\0\0\0"s) +
           pngChunkOf("IDAT", "x\x9c\x03\0\0\0\0\x01"s) + pngChunkOf("IEND", "");
}

std::string two(std::uint32_t value) {
    return little32(value).substr(0, 2);
}

// One frame on a screen; its data says a single pixel of colour 1.
std::string gifOf(std::uint32_t screenSide, std::uint32_t frameSide, std::uint32_t at = 0) {
    return "GIF89a" + two(screenSide) + two(screenSide) + "\x80\0\0\0\0\0\xff\x20\x20,"s + two(at) +
           two(at) + two(frameSide) + two(frameSide) + "\0\x02\x02\x4c\x01\0;"s;
}

std::string webpOf(const std::string& chunks) {
    return "RIFF" + little32(static_cast<std::uint32_t>(chunks.size()) + 4) + "WEBP" + chunks;
}

std::string riffChunkOf(const std::string& type, const std::string& data) {
    return type + little32(static_cast<std::uint32_t>(data.size())) + data +
           std::string(data.size() & 1, '\0');
}

std::string losslessOf(std::uint32_t side) {
    const std::uint32_t bits = (side - 1) | (side - 1) << 14;
    return riffChunkOf("VP8L", "\x2f" + little32(bits) + std::string(32, '\0'));
}

std::string extendedOf(std::uint32_t width, std::uint32_t height, char flags) {
    return riffChunkOf("VP8X", std::string{flags, 0, 0, 0} + little32(width - 1).substr(0, 3) +
                                   little32(height - 1).substr(0, 3));
}

TEST(HostilePictures, OfHugeClaimedSizeAreRefusedBeforeMemoryIsTaken) {
    std::string jpeg = file("plain.jpg");
    const std::size_t frame = jpeg.find("\xff\xc0");
    ASSERT_NE(frame, std::string::npos);
    jpeg.replace(frame + 5, 4, "\xff\xdc\xff\xdc");
    const std::string animated = webpOf(
        extendedOf(100, 100, 2) + riffChunkOf("ANMF", std::string(16, '\0') + losslessOf(16'383)));
    const Memory memory;
    for (const std::uint32_t maxSide : {0U, 384U}) {
        EXPECT_EQ(refusal(pngOf(60'000, 60'000), maxSide), ErrorCode::ImageTooLarge);
        EXPECT_EQ(refusal(pngOf(0x7fffffff, 0x7fffffff), maxSide), ErrorCode::ImageTooLarge);
        EXPECT_EQ(refusal(pngOf(64'000'000, 1), maxSide), ErrorCode::ImageTooLarge);
        EXPECT_EQ(refusal(gifOf(65'535, 8), maxSide), ErrorCode::ImageTooLarge);
        EXPECT_EQ(refusal(gifOf(8, 65'535), maxSide), ErrorCode::ImageTooLarge);
        EXPECT_EQ(refusal(webpOf(losslessOf(16'383)), maxSide), ErrorCode::ImageTooLarge);
        EXPECT_EQ(refusal(webpOf(extendedOf(1U << 16, 1U << 16, 2)), maxSide),
                  ErrorCode::ImageTooLarge);
        EXPECT_EQ(refusal(animated, maxSide), ErrorCode::ImageTooLarge);
        EXPECT_EQ(refusal(jpeg, maxSide), ErrorCode::ImageTooLarge);
    }
    EXPECT_LT(memory.grownBy(), 16);
}

TEST(HostilePictures, OfNoSizeAtAllAreRefused) {
    EXPECT_EQ(refusal(pngOf(0, 10)), ErrorCode::InvalidImageFormat);
    EXPECT_EQ(refusal(gifOf(8, 0)), ErrorCode::InvalidImageFormat);
    EXPECT_EQ(refusal(""), ErrorCode::InvalidImageFormat);
    EXPECT_EQ(refusal("hello"), ErrorCode::InvalidImageFormat);
}

TEST(HostilePictures, WhoseThumbnailIsWantedNeedNoMemoryForTheLargeOne) {
    std::string flat;
    {
        Pixels pixels{4000, 4000, std::vector<std::uint8_t>(std::size_t{3} * 4000 * 4000, 77)};
        flat = *encodePng(pixels);
    }
    EXPECT_LT(flat.size(), 500'000U);
    const Memory memory;
    const auto small = decode(flat, 384);
    ASSERT_TRUE(small) << small.error().message;
    EXPECT_EQ(small->width, 384U);
    EXPECT_EQ(small->rgb[1000], 77);
    EXPECT_LT(memory.grownBy(), 12);
}

TEST(HostilePictures, AGifOfAFewBytesWithAHugeScreenNeedsLittle) {
    const Memory memory;
    const auto pixels = decode(gifOf(8000, 1, 100), 80);
    ASSERT_TRUE(pixels) << pixels.error().message;
    EXPECT_EQ(pixels->width, 80U);
    EXPECT_TRUE(isNear(colorAt(*pixels, 0.5, 0.5), kWhite, 0));
    EXPECT_LT(memory.grownBy(), 12);
    EXPECT_EQ(refusal(gifOf(8, 7000), 80), ErrorCode::InvalidImageFormat);
    EXPECT_LT(memory.grownBy(), 70);
}

TEST(HostilePictures, AGifFrameBesideTheScreenLeavesItWhite) {
    const auto pixels = decode(gifOf(8, 1, 60'000), 0);
    ASSERT_TRUE(pixels) << pixels.error().message;
    EXPECT_EQ(pixels->width, 8U);
    EXPECT_TRUE(isNear(colorAt(*pixels, 0, 0), kWhite, 0));
    const auto within = decode(gifOf(8, 1, 7), 0);
    ASSERT_TRUE(within);
    EXPECT_TRUE(isNear(colorAt(*within, 0.99, 0.99), {255, 32, 32}, 0));
}

TEST(HostilePictures, AGifThatNeverComesToItsPictureIsRefused) {
    std::string gif = gifOf(8, 1);
    std::string extensions;
    for (int i = 0; i < 200'000; ++i)
        extensions += "!\xfe\x01.\0"s;
    gif.insert(gif.find(','), extensions);
    EXPECT_EQ(refusal(gif), ErrorCode::InvalidImageFormat);
}

TEST(HostilePictures, AWebpFrameLargerThanItsCanvasIsCut) {
    const std::string still = file("lossless.webp").substr(12);
    const std::string placed = "\x02\0\0\x01\0\0"s + std::string(10, '\0');
    const auto pixels =
        decode(webpOf(extendedOf(20, 20, 2) + riffChunkOf("ANMF", placed + still)), 0);
    ASSERT_TRUE(pixels) << pixels.error().message;
    EXPECT_EQ(pixels->width, 20U);
    EXPECT_TRUE(isNear(colorAt(*pixels, 0, 0), kWhite, 0));
    EXPECT_TRUE(isNear(colorAt(*pixels, 0.3, 0.3), kRed, 0));
    const std::string outside = std::string(6, '\xff') + std::string(10, '\0');
    const auto none =
        decode(webpOf(extendedOf(20, 20, 2) + riffChunkOf("ANMF", outside + still)), 0);
    ASSERT_TRUE(none);
    EXPECT_TRUE(isNear(colorAt(*none, 0.5, 0.5), kWhite, 0));
    EXPECT_EQ(refusal(webpOf(extendedOf(20, 20, 2))), ErrorCode::InvalidImageFormat);
    EXPECT_EQ(refusal(webpOf(extendedOf(20, 20, 2) + riffChunkOf("ANMF", "short"))),
              ErrorCode::InvalidImageFormat);
}

// progressive.jpg with its last scan so many times more, of the size that it claims to have.
std::string jpegOfScans(int more, std::uint32_t side) {
    std::string jpeg = file("progressive.jpg");
    const std::size_t last = jpeg.rfind("\xff\xda");
    const std::string scan = jpeg.substr(last, jpeg.size() - 2 - last);
    std::string repeated;
    for (int i = 0; i < more; ++i)
        repeated += scan;
    jpeg.insert(jpeg.size() - 2, repeated);
    const std::size_t frame = jpeg.find("\xff\xc2");
    if (side > 0) {
        const std::string size = big32(side << 16 | side);
        jpeg.replace(frame + 5, 4, size);
    }
    return jpeg;
}

TEST(HostilePictures, AJpegOfAThousandScansIsRefused) {
    EXPECT_TRUE(decode(jpegOfScans(0, 0), 0));
    const auto begun = std::chrono::steady_clock::now();
    const Memory memory;
    EXPECT_EQ(refusal(jpegOfScans(5000, 0)), ErrorCode::InvalidImageFormat);
    EXPECT_EQ(refusal(jpegOfScans(80, 7000)), ErrorCode::InvalidImageFormat);
    EXPECT_EQ(refusal(jpegOfScans(0, 8000)), ErrorCode::ImageTooLarge);
    EXPECT_LT(memory.grownBy(), 16);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

TEST(HostilePictures, CutOffAreRefused) {
    for (const std::string name : kFiles) {
        const std::string whole = file(name);
        // What is asked for of an animation is in its first half.
        const std::size_t needed = whole.size() * (name.starts_with("animated") ? 4 : 6) / 10;
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const auto pixels = decode(std::string_view(whole).substr(0, size), 0);
            if (size < needed) {
                EXPECT_FALSE(pixels) << name << " cut to " << size << " of " << whole.size();
            }
        }
    }
}

TEST(HostilePictures, WithRandomDamageNeverCrash) {
    std::mt19937 random(99);
    for (const std::string name : kFiles) {
        const std::string whole = file(name);
        for (int round = 0; round < 300; ++round) {
            std::string bytes = whole;
            for (int i = 0; i < 4; ++i)
                bytes[random() % bytes.size()] = static_cast<char>(random());
            const auto pixels = decode(bytes, round % 2 == 0 ? 0 : 20);
            if (!pixels) continue;
            EXPECT_EQ(pixels->rgb.size(), std::size_t{3} * pixels->width * pixels->height);
            EXPECT_GT(pixels->width, 0U);
        }
    }
}

constexpr std::size_t kLots = 100'000'000;

void expectReadInSpiteOfAll(std::string_view bytes, const std::array<Color, 4>& quarters) {
    ASSERT_GT(bytes.size(), kLots);
    const Memory memory;
    const auto begun = std::chrono::steady_clock::now();
    const auto pixels = decode(bytes, 0);
    ASSERT_TRUE(pixels) << pixels.error().message;
    expectQuarters(*pixels, quarters);
    EXPECT_LT(memory.grownBy(), 16);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

TEST(HostilePictures, HundredMegabytesOfTextInAPngAreSkipped) {
    std::string png = file("alpha.png");
    std::string text = big32(kLots) + "tEXt";
    text.resize(text.size() + kLots + 4);
    png.insert(33, text);
    expectReadInSpiteOfAll(png, {kWhite, kGreen, kBlue, kYellow});
}

TEST(HostilePictures, AHundredThousandChunksInAPngAreSkipped) {
    std::string png = file("grey16.png");
    std::string chunks;
    while (chunks.size() <= kLots)
        chunks.append("\0\0\0\1teSt.none", 13).append("\0\0\3\xe8zTXt", 8).append(1004, '.');
    png.insert(33, chunks);
    expectReadInSpiteOfAll(png, {Color{0x10, 0x10, 0x10}, Color{0x50, 0x50, 0x50},
                                 Color{0x90, 0x90, 0x90}, Color{0xd0, 0xd0, 0xd0}});
}

TEST(HostilePictures, HundredMegabytesOfSegmentsInAJpegAreSkipped) {
    std::string jpeg = file("plain.jpg");
    std::string segments;
    while (segments.size() <= kLots)
        segments.append("\xff\xe1\xff\xff", 4).append(65'533, 'x');
    jpeg.insert(2, segments);
    expectReadInSpiteOfAll(jpeg, kQuarters);
}

TEST(HostilePictures, HundredMegabytesOfChunksInAWebpAreSkipped) {
    const std::string frame = file("animated.webp").substr(12);
    const std::string still = file("lossless.webp").substr(12);
    const std::string lots = riffChunkOf("XMP ", std::string(kLots, 'x'));
    expectReadInSpiteOfAll(webpOf(extendedOf(kWidth, kHeight, 4) + still + lots), kQuarters);
    expectReadInSpiteOfAll(webpOf(frame + lots), kQuarters);
}

TEST(HostilePictures, HundredMegabytesOfCommentInAGifAreSkipped) {
    std::string gif = file("animated.gif");
    std::string comment = "!\xfe";
    while (comment.size() <= kLots)
        comment.append(1, '\xff').append(255, 'x');
    comment.append(1, '\0');
    gif.insert(gif.find("!\xff"), comment);
    expectReadInSpiteOfAll(gif, kQuarters);
}

}  // namespace
}  // namespace host::imaging
