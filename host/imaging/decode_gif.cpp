#include <gif_lib.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "imaging/decoders.hpp"

namespace host::imaging {

namespace {

Error fault(std::string_view why) {
    return brokenPicture("GIF", why);
}

int readBytes(GifFileType* file, GifByteType* to, int count) {
    auto* rest = static_cast<std::string_view*>(file->UserData);
    const std::size_t n = std::min(static_cast<std::size_t>(std::max(count, 0)), rest->size());
    std::memcpy(to, rest->data(), n);
    rest->remove_prefix(n);
    return static_cast<int>(n);
}

int closeFile(GifFileType* file) {
    return DGifCloseFile(file, nullptr);
}

// Goes to the first picture; its transparent colour, or -1. False when there is none.
bool findPicture(GifFileType* file, int& transparent) {
    constexpr int kMaxRecords = 10'000;
    transparent = -1;
    for (int record = 0; record < kMaxRecords; ++record) {
        GifRecordType type = UNDEFINED_RECORD_TYPE;
        if (DGifGetRecordType(file, &type) == GIF_ERROR) return false;
        if (type == IMAGE_DESC_RECORD_TYPE) return DGifGetImageDesc(file) != GIF_ERROR;
        if (type != EXTENSION_RECORD_TYPE) return false;
        int code = 0;
        GifByteType* block = nullptr;
        if (DGifGetExtension(file, &code, &block) == GIF_ERROR) return false;
        if (code == GRAPHICS_EXT_FUNC_CODE && block != nullptr && block[0] >= 4)
            transparent = (block[1] & 1) != 0 ? block[4] : -1;
        while (block != nullptr) {
            if (DGifGetExtensionNext(file, &block) == GIF_ERROR) return false;
        }
    }
    return false;
}

// Palette indices of the picture, its rows in order.
bool readIndices(GifFileType* file, std::vector<GifPixelType>& indices) {
    const GifImageDesc& frame = file->Image;
    constexpr int kStarts[] = {0, 4, 2, 1};
    constexpr int kSteps[] = {8, 8, 4, 2};
    const int passes = frame.Interlace ? 4 : 1;
    for (int pass = 0; pass < passes; ++pass) {
        const int step = frame.Interlace ? kSteps[pass] : 1;
        for (int y = frame.Interlace ? kStarts[pass] : 0; y < frame.Height; y += step) {
            GifPixelType* row =
                &indices[static_cast<std::size_t>(y) * static_cast<std::size_t>(frame.Width)];
            if (DGifGetLine(file, row, frame.Width) == GIF_ERROR) return false;
        }
    }
    return true;
}

}  // namespace

Result<Pixels> decodeGif(std::string_view bytes, std::uint32_t maxSide) {
    int error = 0;
    std::string_view rest = bytes;
    const std::unique_ptr<GifFileType, int (*)(GifFileType*)> file(
        DGifOpen(&rest, &readBytes, &error), &closeFile);
    if (!file) return fault("its header is damaged");
    Size screen{static_cast<std::uint32_t>(std::max(file->SWidth, 0)),
                static_cast<std::uint32_t>(std::max(file->SHeight, 0))};
    if (isTooLarge(screen.width, screen.height)) return tooManyPixels(screen.width, screen.height);
    int transparent = -1;
    if (!findPicture(file.get(), transparent)) return fault("it holds no picture");
    const GifImageDesc& frame = file->Image;
    const ColorMapObject* colors = frame.ColorMap != nullptr ? frame.ColorMap : file->SColorMap;
    if (colors == nullptr || frame.Width <= 0 || frame.Height <= 0 || frame.Left < 0 ||
        frame.Top < 0) {
        return fault("its picture is empty");
    }
    const Size size{static_cast<std::uint32_t>(frame.Width),
                    static_cast<std::uint32_t>(frame.Height)};
    if (isTooLarge(size.width, size.height)) return tooManyPixels(size.width, size.height);
    if (screen.width == 0 || screen.height == 0) screen = size;
    std::vector<GifPixelType> indices(std::size_t{size.width} * size.height);
    if (!readIndices(file.get(), indices)) return fault("it is cut off or damaged");

    const auto left = static_cast<std::uint32_t>(frame.Left);
    const auto top = static_cast<std::uint32_t>(frame.Top);
    Shrinker shrinker(screen, fitted(screen, maxSide));
    std::vector<std::uint8_t> row(std::size_t{3} * screen.width);
    for (std::uint32_t y = 0; y < screen.height; ++y) {
        std::fill(row.begin(), row.end(), std::uint8_t{255});
        if (y >= top && y - top < size.height) {
            const GifPixelType* index = &indices[std::size_t{size.width} * (y - top)];
            for (std::uint32_t x = left; x < std::min(left + size.width, screen.width);
                 ++x, ++index) {
                if (*index == transparent || *index >= colors->ColorCount) continue;
                const GifColorType& color = colors->Colors[*index];
                std::uint8_t* pixel = &row[std::size_t{3} * x];
                pixel[0] = color.Red;
                pixel[1] = color.Green;
                pixel[2] = color.Blue;
            }
        }
        shrinker.push(row.data());
    }
    return shrinker.take();
}

}  // namespace host::imaging
