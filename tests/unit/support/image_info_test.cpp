#include "support/image_info.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace {

using namespace std::string_literals;
using host::ImageFormat;
using host::readImageInfo;
using host::Sniff;

std::string png(std::uint32_t width, std::uint32_t height) {
    std::string data = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"s;
    for (const std::uint32_t value : {width, height}) {
        for (int shift = 24; shift >= 0; shift -= 8)
            data += static_cast<char>(value >> shift);
    }
    return data + "\x08\x06\0\0\0"s;
}

std::string gif(const std::string& version) {
    return version + "\x40\x01\xf0\0\xf7\0\0"s;
}

// APP0, a comment of `filler` bytes, a Huffman table (no frame header, though its number is near),
// then the frame header.
std::string jpeg(char frameMarker, std::size_t filler = 40) {
    std::string data = "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"s;
    const std::size_t length = filler + 2;
    data += "\xff\xfe"s + static_cast<char>(length >> 8) + static_cast<char>(length & 255);
    data += std::string(filler, '\xff');
    data += "\xff\xc4\0\x04\1\2"s;
    data += "\xff\xff\xff"s + frameMarker + "\0\x11\x08\x02\x40\x03\x60\3"s + std::string(9, '\0');
    return data;
}

std::string webp(const std::string& kind, const std::string& payload) {
    return "RIFF\x64\0\0\0WEBP"s + kind + "\x40\0\0\0"s + payload + std::string(16, '\0');
}

const std::vector<std::pair<std::string, std::pair<std::uint32_t, std::uint32_t>>>& pictures() {
    static const std::vector<std::pair<std::string, std::pair<std::uint32_t, std::uint32_t>>> all{
        {png(1216, 832), {1216, 832}},
        {gif("GIF87a"), {320, 240}},
        {gif("GIF89a"), {320, 240}},
        {jpeg('\xc0'), {864, 576}},
        {jpeg('\xc2'), {864, 576}},
        {jpeg('\xc0', 60'000), {864, 576}},
        {webp("VP8 ", "\x30\x01\0\x9d\x01\x2a\xc0\x44\x80\x42"s), {1216, 640}},
        {webp("VP8L", "\x2f\xbf\xc4\xcf\0"s), {1216, 832}},
        {webp("VP8X", "\x10\0\0\0\xbf\4\0\x3f\3\0"s), {1216, 832}},
    };
    return all;
}

TEST(ImageInfo, SizesOfAllFormats) {
    for (const auto& [bytes, size] : pictures()) {
        const auto info = readImageInfo(bytes);
        ASSERT_TRUE(info) << bytes.substr(0, 16);
        EXPECT_EQ(info->width, size.first) << bytes.substr(0, 16);
        EXPECT_EQ(info->height, size.second) << bytes.substr(0, 16);
    }
}

TEST(ImageInfo, NamesOfFormats) {
    EXPECT_EQ(host::imageMime(ImageFormat::Jpeg), "image/jpeg");
    EXPECT_EQ(host::imageExtension(ImageFormat::Jpeg), ".jpg");
    EXPECT_EQ(host::sniffImage(png(1, 1)), ImageFormat::Png);
    EXPECT_EQ(host::sniffImage(webp("VP8 ", "")), ImageFormat::Webp);
}

TEST(ImageInfo, OtherThingsAreNoPictures) {
    for (const std::string& bytes :
         {"<!DOCTYPE html><html>"s, ""s, "%PDF-1.7"s, "RIFF\x64\0\0\0WAVEfmt "s, "BM6\0\0\0"s,
          "\x89PNG\n\x1a\n\0\0\0\0\0"s, "GIF88a......"s, "{\"error\": 1}"s}) {
        EXPECT_FALSE(readImageInfo(bytes)) << bytes;
    }
}

TEST(ImageInfo, ASizeThatIsNotThereOrZeroIsUnknown) {
    const auto cut = readImageInfo(png(5, 5).substr(0, 20));
    ASSERT_TRUE(cut);
    EXPECT_EQ(cut->width, 0U);
    EXPECT_EQ(cut->height, 0U);
    EXPECT_EQ(readImageInfo(png(0, 7))->height, 0U);
    EXPECT_EQ(readImageInfo(png(0x80000000, 7))->width, 0U);
    EXPECT_EQ(readImageInfo("\xff\xd8\xff\xe0\0\0"s)->width, 0U);
    EXPECT_EQ(readImageInfo("\xff\xd8\xff\xda\0\x08"s + std::string(40, '\xc0'))->width, 0U);
}

TEST(ImageInfo, EveryTruncationIsToldApartFromGarbage) {
    for (const auto& [bytes, size] : pictures()) {
        bool settled = false;
        for (std::size_t n = 0; n <= std::min<std::size_t>(bytes.size(), 400); ++n) {
            const std::string head = bytes.substr(0, n);  // a copy: ASan sees reads past its end
            const Sniff sniff = host::looksLikePicture(head);
            EXPECT_NE(sniff, Sniff::No) << n;
            EXPECT_FALSE(settled && sniff != Sniff::Yes) << n;
            settled = sniff == Sniff::Yes;
            EXPECT_EQ(readImageInfo(head).has_value(), settled) << n;
            if (n >= host::kImageMagicBytes) EXPECT_TRUE(settled) << n;
        }
        EXPECT_TRUE(settled);
    }
    EXPECT_EQ(host::looksLikePicture("<"), Sniff::No);
    EXPECT_EQ(host::looksLikePicture(""), Sniff::TooShort);
    EXPECT_EQ(host::looksLikePicture("RIFFabcdWEBQ"), Sniff::No);
}

TEST(ImageInfo, RandomBytesAfterAMagicNumberNeverLeadOutside) {
    std::mt19937 random(7);
    for (int round = 0; round < 20'000; ++round) {
        const auto& [bytes, size] = pictures()[random() % pictures().size()];
        std::string data = bytes.substr(0, 12 + random() % 60);
        for (std::size_t i = 4; i < data.size(); ++i) {
            if (random() % 4 == 0) data[i] = static_cast<char>(random());
        }
        data.shrink_to_fit();
        const auto info = readImageInfo(data);
        if (info) EXPECT_EQ(info->width == 0, info->height == 0);
    }
}

}  // namespace
