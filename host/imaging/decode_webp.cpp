#include <webp/decode.h>

#include <algorithm>
#include <optional>

#include "imaging/containers.hpp"
#include "imaging/decoders.hpp"

namespace host::imaging {

namespace {

struct Frame {
    std::string_view bytes;  // a still WebP, or the bare chunks of an animation's frame
    Size canvas;
    std::uint32_t left = 0;
    std::uint32_t top = 0;
};

std::uint32_t little24(std::string_view data, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return std::uint32_t{static_cast<unsigned char>(data[i])};
    };
    return byte(at) | byte(at + 1) << 8 | byte(at + 2) << 16;
}

// Where the first picture of an animation is: after its place, size and duration.
std::optional<Frame> firstFrame(std::string_view webp, Size canvas) {
    constexpr std::size_t kFrameHeader = 16;
    const std::string_view frame = riffChunk(webp.substr(kRiffHeader), "ANMF");
    if (frame.size() < kFrameHeader) return std::nullopt;
    return Frame{frame.substr(kFrameHeader), canvas, little24(frame, 0) * 2,
                 little24(frame, 3) * 2};
}

const std::uint8_t* data(const Frame& frame) {
    return reinterpret_cast<const std::uint8_t*>(frame.bytes.data());
}

Error fault(std::string_view why) {
    return brokenPicture("WebP", why);
}

std::string_view reason(VP8StatusCode status) {
    switch (status) {
        case VP8_STATUS_NOT_ENOUGH_DATA:
            return "it is cut off";
        case VP8_STATUS_OUT_OF_MEMORY:
            return "there is no memory for it";
        default:
            return "its data is damaged";
    }
}

// Of the size `to`, on white.
Result<Pixels> decodeFrame(const Frame& frame, WebPDecoderConfig& config, Size to) {
    const bool alpha = config.input.has_alpha != 0;
    const std::size_t stride = std::size_t{alpha ? 4U : 3U} * to.width;
    std::vector<std::uint8_t> whole(stride * to.height);
    config.options.use_scaling = static_cast<std::uint32_t>(config.input.width) != to.width ||
                                 static_cast<std::uint32_t>(config.input.height) != to.height;
    config.options.scaled_width = static_cast<int>(to.width);
    config.options.scaled_height = static_cast<int>(to.height);
    config.output.colorspace = alpha ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = whole.data();
    config.output.u.RGBA.stride = static_cast<int>(stride);
    config.output.u.RGBA.size = whole.size();
    const VP8StatusCode status = WebPDecode(data(frame), frame.bytes.size(), &config);
    WebPFreeDecBuffer(&config.output);
    if (status != VP8_STATUS_OK) return fault(reason(status));
    if (alpha) {
        // In place: a row of three bytes a pixel never reaches the row of four that is read next.
        const std::size_t narrow = std::size_t{3} * to.width;
        for (std::uint32_t y = 0; y < to.height; ++y)
            onWhite(whole.data() + y * stride, whole.data() + y * narrow, to.width);
        whole.resize(narrow * to.height);
    }
    return Pixels{to.width, to.height, std::move(whole)};
}

// The frame where it belongs on a white canvas, shrunk.
Result<Pixels> onCanvas(const Frame& frame, WebPDecoderConfig& config, std::uint32_t maxSide) {
    const Size size{static_cast<std::uint32_t>(config.input.width),
                    static_cast<std::uint32_t>(config.input.height)};
    auto picture = decodeFrame(frame, config, size);
    if (!picture) return picture;
    const std::uint32_t left = std::min(frame.left, frame.canvas.width);
    const std::size_t shown = std::size_t{3} * std::min(size.width, frame.canvas.width - left);
    Shrinker shrinker(frame.canvas, fitted(frame.canvas, maxSide));
    std::vector<std::uint8_t> row(std::size_t{3} * frame.canvas.width);
    for (std::uint32_t y = 0; y < frame.canvas.height; ++y) {
        std::fill(row.begin(), row.end(), std::uint8_t{255});
        if (y >= frame.top && y - frame.top < size.height) {
            std::copy_n(&picture->rgb[std::size_t{3} * size.width * (y - frame.top)], shown,
                        row.begin() + std::ptrdiff_t{3} * left);
        }
        shrinker.push(row.data());
    }
    return shrinker.take();
}

}  // namespace

Result<Pixels> decodeWebp(std::string_view bytes, std::uint32_t maxSide) {
    WebPDecoderConfig config;
    if (WebPInitDecoderConfig(&config) == 0) return fault("the library does not fit");
    Frame frame{bytes, {}};
    VP8StatusCode status = WebPGetFeatures(data(frame), bytes.size(), &config.input);
    if (status != VP8_STATUS_OK) return fault(reason(status));
    const auto featuredSize = [&config] {
        return Size{static_cast<std::uint32_t>(config.input.width),
                    static_cast<std::uint32_t>(config.input.height)};
    };
    const Size canvas = featuredSize();
    if (isTooLarge(canvas.width, canvas.height)) return tooManyPixels(canvas.width, canvas.height);
    if (config.input.has_animation == 0) return decodeFrame(frame, config, fitted(canvas, maxSide));

    const auto first = firstFrame(bytes, canvas);
    if (!first) return fault("the animation has no picture");
    status = WebPGetFeatures(data(*first), first->bytes.size(), &config.input);
    if (status != VP8_STATUS_OK) return fault(reason(status));
    const Size size = featuredSize();
    if (isTooLarge(size.width, size.height)) return tooManyPixels(size.width, size.height);
    return onCanvas(*first, config, maxSide);
}

}  // namespace host::imaging
