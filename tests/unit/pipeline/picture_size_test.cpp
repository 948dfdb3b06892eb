#include "pipeline/picture_size.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace {

using namespace host::pipeline;

TEST(PictureSize, ExactSizesHaveOneSpelling) {
    EXPECT_EQ(exactSize("768x512"), (PixelSize{768, 512}));
    EXPECT_EQ(exactSize("64x4096"), (PixelSize{64, 4096}));
    EXPECT_EQ(exactSize("2048x2048"), (PixelSize{2048, 2048}));
    for (const char* not_one : {"",
                                "x",
                                "768",
                                "768x",
                                "x512",
                                "768X512",
                                "768x512 ",
                                " 768x512",
                                "0768x512",
                                "+768x512",
                                "-768x512",
                                "768x512x8",
                                "768.0x512",
                                "1e3x512",
                                "56x512",
                                "768x4104",
                                "770x512",
                                "4096x2048",
                                "99999999999999999999x512",
                                "0x0",
                                "1mp"}) {
        EXPECT_FALSE(exactSize(not_one)) << not_one;
    }
}

TEST(PictureSize, TheTablesWordsNeedAnOrientationAndPixelsDoNot) {
    EXPECT_EQ(pixelSize("0.5mp", "portrait"), (PixelSize{576, 864}));
    EXPECT_FALSE(pixelSize("0.5mp", "diagonal"));
    EXPECT_EQ(pixelSize("512x768", ""), (PixelSize{512, 768}));
}

TEST(PictureSize, WhateverIsAskedForCanBeDrawnInItsShape) {
    EXPECT_EQ(drawableSize(512, 512), (PixelSize{512, 512}));
    EXPECT_EQ(drawableSize(513, 765), (PixelSize{512, 768}));
    EXPECT_EQ(drawableSize(4096, 4096), (PixelSize{2048, 2048}));
    EXPECT_EQ(drawableSize(16, 32), (PixelSize{64, 128}));
    const std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
    for (const std::uint32_t width : {0U, 1U, 63U, 1000U, 1449U, 2047U, 4095U, 9000U, most}) {
        for (const std::uint32_t height : {0U, 1U, 65U, 999U, 2049U, 16'384U, most}) {
            const PixelSize size = drawableSize(width, height);
            EXPECT_EQ(exactSize(sizeText(size)), size) << width << " x " << height;
        }
    }
}

TEST(PictureSize, WordsAreTheTablesWhereTheyMeanTheSamePixels) {
    EXPECT_EQ(sizeWords(1024, 1024).size, "1mp");
    EXPECT_EQ(sizeWords(832, 1216).size, "1mp");
    EXPECT_EQ(sizeWords(832, 1216).orientation, "portrait");
    EXPECT_EQ(sizeWords(1536, 1024).size, "1536x1024");
    EXPECT_EQ(sizeWords(1536, 1024).orientation, "landscape");
    EXPECT_EQ(nearestClass({1536, 1024}).size, "2mp");
    EXPECT_EQ(nearestClass({512, 512}).size, "0.5mp");
    EXPECT_EQ(nearestClass({512, 512}).orientation, "square");
}

}  // namespace
