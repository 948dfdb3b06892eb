// Plain pixels are read exactly as they are, and nothing else is.
#include "common/pixmap.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

std::optional<pixmap::Pixmap> read(const std::string& bytes) {
    return pixmap::readPixmap({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

TEST(Pixmap, IsReadAsItIs) {
    const auto picture = read("P6\n2 1\n255\nabc\n\n\n");
    ASSERT_TRUE(picture);
    EXPECT_EQ(picture->width, 2);
    EXPECT_EQ(picture->height, 1);
    EXPECT_EQ(picture->rgb, (std::vector<std::uint8_t>{'a', 'b', 'c', '\n', '\n', '\n'}));
    EXPECT_TRUE(read("P6 1\t1 255 abc"));
}

TEST(Pixmap, AnythingElseIsRefused) {
    for (const std::string bytes : {"",
                                    "P",
                                    "P6",
                                    "P6\n",
                                    "P6\n1",
                                    "P6\n1 1",
                                    "P6\n1 1\n255",
                                    "P6\n1 1\n255\n",
                                    "P6\n1 1\n255\nab",
                                    "P6\n1 1\n255\nabcd",
                                    "P5\n1 1\n255\nabc",
                                    "P6\n1 1\n65535\nabcdef",
                                    "P6\n0 1\n255\n",
                                    "P6\n1 0\n255\n",
                                    "P6\n-1 1\n255\nabc",
                                    "P6\n# a\n1 1\n255\nabc",
                                    "P61 1\n255\nabc",
                                    "P6\n1x1\n255\nabc",
                                    "P6\n000000001 1\n255\nabc",
                                    "P6\n99999999 99999999\n255\nabc",
                                    "P6\n8001 8000\n255\nabc",
                                    "P6                 1 1 255 abc"}) {
        EXPECT_FALSE(read(bytes)) << bytes;
    }
}

}  // namespace
