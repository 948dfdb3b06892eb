#include <gtest/gtest.h>
#include <turbojpeg.h>
#include <webp/encode.h>

#include <cstdlib>
#include <cstring>

#include "pictures.hpp"
#include "sketch/codec.hpp"
#include "sketch/random.hpp"

namespace {

using Bytes = std::vector<uint8_t>;
using sketch::Bitmap;
using sketch::Fault;

/// Left half orange, right half blue, with some structure.
Bitmap sample(int width, int height) {
    Bitmap b(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            uint8_t* p = b.at(x, y);
            const bool left = x < width / 2;
            const int wave = (x / 16 + y / 16) % 2 * 30;
            p[0] = static_cast<uint8_t>(left ? 210 + wave : 30);
            p[1] = static_cast<uint8_t>(100 + wave);
            p[2] = static_cast<uint8_t>(left ? 20 : 200 + wave);
        }
    }
    return b;
}

Bytes jpeg(const Bitmap& b) {
    unsigned char* out = nullptr;
    unsigned long size = 0;
    const tjhandle handle = tjInitCompress();
    tjCompress2(handle, b.rgb.data(), b.width, 0, b.height, TJPF_RGB, &out, &size, TJSAMP_444, 95,
                0);
    Bytes bytes(out, out + size);
    tjFree(out);
    tjDestroy(handle);
    return bytes;
}

Bytes webp(const Bitmap& b) {
    uint8_t* out = nullptr;
    const size_t size = WebPEncodeRGB(b.rgb.data(), b.width, b.height, b.width * 3, 95, &out);
    Bytes bytes(out, out + size);
    WebPFree(out);
    return bytes;
}

/// The smallest GIF writer there is: every code as it is, a clear code often enough.
Bytes gif(int width, int height) {
    Bytes b = {'G',
               'I',
               'F',
               '8',
               '9',
               'a',
               static_cast<uint8_t>(width),
               static_cast<uint8_t>(width >> 8),
               static_cast<uint8_t>(height),
               static_cast<uint8_t>(height >> 8),
               0x80,
               0,
               0,
               220,
               110,
               20,
               30,
               110,
               220,
               0x2c,
               0,
               0,
               0,
               0,
               static_cast<uint8_t>(width),
               static_cast<uint8_t>(width >> 8),
               static_cast<uint8_t>(height),
               static_cast<uint8_t>(height >> 8),
               0,
               2};
    Bytes data;
    uint32_t bits = 0;
    int held = 0;
    const auto put = [&](uint32_t code) {
        bits |= code << held;
        held += 3;
        while (held >= 8) {
            data.push_back(static_cast<uint8_t>(bits));
            bits >>= 8;
            held -= 8;
        }
    };
    for (int i = 0; i < width * height; ++i) {
        if (i % 2 == 0) put(4);
        put(i % width < width / 2 ? 0 : 1);
    }
    put(5);
    if (held > 0) data.push_back(static_cast<uint8_t>(bits));
    for (size_t at = 0; at < data.size(); at += 255) {
        const size_t n = std::min<size_t>(255, data.size() - at);
        b.push_back(static_cast<uint8_t>(n));
        b.insert(b.end(), data.begin() + static_cast<std::ptrdiff_t>(at),
                 data.begin() + static_cast<std::ptrdiff_t>(at + n));
    }
    b.push_back(0);
    b.push_back(0x3b);
    return b;
}

Bitmap repaint(double strength, const Bitmap& input) {
    sketch::Order order;
    order.prompt = "a snowy forest at night";
    order.width = input.width;
    order.height = input.height;
    order.steps = 12;
    order.strength = strength;
    order.input = &input;
    return *sketch::draw(order, pictures::kNoHooks);
}

TEST(SketchInput, StrengthZeroKeepsThePictureAndOneIgnoresIt) {
    const Bitmap input = sample(432, 288);
    EXPECT_LT(pictures::difference(repaint(0, input), input), 2);
    EXPECT_EQ(repaint(1, input).rgb, pictures::draw("a snowy forest at night", 0).rgb);
}

TEST(SketchInput, InBetweenThePictureGivesWayStepByStep) {
    const Bitmap input = sample(432, 288);
    double before = -3;
    for (const double strength : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        const double now = pictures::difference(repaint(strength, input), input);
        EXPECT_GT(now, before + 2) << strength;
        before = now;
    }
}

TEST(SketchInput, PngJpegWebpAndGifAreRead) {
    const Bitmap input = sample(96, 64);
    for (const Bytes& bytes :
         {sketch::encodePng(input, pictures::kNoHooks.go), jpeg(input), webp(input), gif(96, 64)}) {
        const sketch::Decoded decoded = sketch::decodePicture(bytes, 96, 64);
        ASSERT_EQ(decoded.fault, Fault::none) << decoded.message;
        ASSERT_EQ(decoded.bitmap.width, 96);
        ASSERT_EQ(decoded.bitmap.height, 64);
        const auto left = pictures::mean(decoded.bitmap, 0, 0.5);
        const auto right = pictures::mean(decoded.bitmap, 0.5, 1);
        EXPECT_GT(left[0], left[2] + 100);
        EXPECT_GT(right[2], right[0] + 100);
    }
}

TEST(SketchInput, LargeJpegsMayComeSmallerButNeverBelowWhatIsWanted) {
    const Bitmap input = sample(2000, 1000);
    const sketch::Decoded decoded = sketch::decodePicture(jpeg(input), 400, 300);
    ASSERT_EQ(decoded.fault, Fault::none);
    EXPECT_GE(decoded.bitmap.width, 400);
    EXPECT_GE(decoded.bitmap.height, 300);
    EXPECT_LT(decoded.bitmap.width, 2000);
}

TEST(SketchInput, DamagedPicturesAreRefused) {
    const Bitmap input = sample(200, 200);
    for (const Bytes& whole : {sketch::encodePng(input, pictures::kNoHooks.go), jpeg(input),
                               webp(input), gif(200, 200)}) {
        for (const size_t part : {size_t{3}, size_t{16}, whole.size() / 3, whole.size() / 2}) {
            const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(part));
            EXPECT_EQ(sketch::decodePicture(cut, 200, 200).fault, Fault::broken) << part;
        }
    }
    EXPECT_EQ(sketch::decodePicture({}, 10, 10).fault, Fault::broken);
    const Bytes text = {'h', 'e', 'l', 'l', 'o'};
    EXPECT_EQ(sketch::decodePicture(text, 10, 10).fault, Fault::broken);
}

TEST(SketchInput, RandomDamageNeverCrashes) {
    const Bitmap input = sample(64, 64);
    sketch::Rng rng(99);
    for (const Bytes& whole :
         {sketch::encodePng(input, pictures::kNoHooks.go), jpeg(input), webp(input), gif(64, 64)}) {
        for (int round = 0; round < 200; ++round) {
            Bytes bytes = whole;
            for (int i = 0; i < 6; ++i)
                bytes[static_cast<size_t>(rng.pick(static_cast<int>(bytes.size())))] =
                    static_cast<uint8_t>(rng.pick(256));
            const sketch::Decoded decoded = sketch::decodePicture(bytes, 64, 64);
            if (decoded.fault == Fault::none) {
                EXPECT_EQ(decoded.bitmap.rgb.size(),
                          static_cast<size_t>(decoded.bitmap.width) *
                              static_cast<size_t>(decoded.bitmap.height) * 3);
            }
        }
    }
}

TEST(SketchInput, AHeaderThatPromisesTooManyPixelsIsRefusedBeforeMemoryIsTaken) {
    Bytes big = gif(8, 8);
    big[6] = big[7] = big[8] = big[9] = 0xff;
    EXPECT_EQ(sketch::decodePicture(big, 10, 10).fault, Fault::tooLarge);

    Bytes photo = jpeg(sample(64, 64));
    for (size_t i = 0; i + 8 < photo.size(); ++i) {
        if (photo[i] == 0xff && photo[i + 1] == 0xc0) std::memset(&photo[i + 5], 0xf0, 4);
    }
    EXPECT_EQ(sketch::decodePicture(photo, 10, 10).fault, Fault::tooLarge);

    // A PNG of 60,000 x 60,000: signature and IHDR with its true checksum.
    const Bytes png = {0x89, 'P',  'N', 'G', '\r', '\n', 0x1a, '\n', 0,    0,    0,
                       13,   'I',  'H', 'D', 'R',  0,    0,    0xea, 0x60, 0,    0,
                       0xea, 0x60, 8,   2,   0,    0,    0,    0x22, 0xc1, 0x6a, 0x4b};
    EXPECT_NE(sketch::decodePicture(png, 10, 10).fault, Fault::none);
}

TEST(SketchInput, PreviewsAreSmallJpegs) {
    const Bytes preview = sketch::encodePreview(pictures::draw("a city at night"), 256);
    ASSERT_GT(preview.size(), 1000U);
    EXPECT_LT(preview.size(), 256U * 1024);
    const sketch::Decoded decoded = sketch::decodePicture(preview, 1, 1);
    EXPECT_EQ(decoded.fault, Fault::none);
    const sketch::Decoded full = sketch::decodePicture(preview, 256, 170);
    EXPECT_EQ(full.bitmap.width, 256);
}

}  // namespace
