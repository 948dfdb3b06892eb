#include <turbojpeg.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "imaging/containers.hpp"
#include "imaging/decoders.hpp"

namespace host::imaging {

namespace {

// A progressive JPEG repeats itself for every scan and needs all its coefficients in memory. Real
// ones have about ten scans; a file of a few kilobytes can have a thousand.
constexpr std::uint32_t kMaxScans = 100;
constexpr std::uint64_t kMaxScannedPixels = 30 * kMaxPixels;
constexpr std::uint64_t kMaxCoefficientBytes = 256ULL * 1024 * 1024;

struct Header {
    Size size;
    int sampling = 0;
    int colors = 0;

    bool isCmyk() const { return colors == TJCS_CMYK || colors == TJCS_YCCK; }
};

std::optional<Error> checkScans(const Header& header, std::uint32_t scans) {
    if (scans <= 1) return std::nullopt;
    const std::uint64_t pixels = std::uint64_t{header.size.width} * header.size.height;
    if (scans > kMaxScans || scans * pixels > kMaxScannedPixels)
        return brokenPicture("JPEG", "it is made of " + std::to_string(scans) + " scans");
    // In halves: two colour planes of half or quarter the size, or three or four of full size.
    const std::uint64_t halves = header.isCmyk()                 ? 8
                                 : header.sampling == TJSAMP_444 ? 6
                                 : header.sampling == TJSAMP_420 ? 3
                                                                 : 4;
    if (pixels * halves > kMaxCoefficientBytes)
        return tooManyPixels(header.size.width, header.size.height);
    return std::nullopt;
}

// The library scales while it decodes, which saves most of the time and memory.
tjscalingfactor scaleFor(Size size, Size wanted) {
    for (const int part : {8, 4, 2}) {
        const tjscalingfactor factor{1, part};
        if (TJSCALED(size.width, factor) >= wanted.width &&
            TJSCALED(size.height, factor) >= wanted.height) {
            return factor;
        }
    }
    return {1, 1};
}

// Whether what the library warned of leaves the picture as it is. When it met several things it
// tells the last, and a fault that ends everything is always the last.
bool isHarmless(std::string_view warning) {
    constexpr std::string_view kHarmless[] = {"extraneous bytes", "Invalid SOS parameters",
                                              "JFIF revision", "Adobe color transform"};
    return std::any_of(std::begin(kHarmless), std::end(kHarmless), [&](std::string_view part) {
        return warning.find(part) != std::string_view::npos;
    });
}

// Ink to light. Adobe's files hold 255 for no ink, others for full ink.
void cmykRow(const std::uint8_t* cmyk, std::uint8_t* rgb, std::uint32_t width, bool inverted) {
    for (std::uint32_t x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
        const unsigned flip = inverted ? 0 : 255;
        const unsigned key = cmyk[3] ^ flip;
        for (int c = 0; c < 3; ++c)
            rgb[c] = static_cast<std::uint8_t>(((cmyk[c] ^ flip) * key + 127) / 255);
    }
}

}  // namespace

Result<Pixels> decodeJpeg(std::string_view bytes, std::uint32_t maxSide) {
    const std::unique_ptr<void, int (*)(tjhandle)> context(tjInitDecompress(), &tjDestroy);
    if (!context) return Error{ErrorCode::Internal, "There is no memory to read the JPEG."};
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    const auto fault = [&] { return brokenPicture("JPEG", tjGetErrorStr2(context.get())); };
    int width = 0;
    int height = 0;
    Header header;
    if (tjDecompressHeader3(context.get(), data, bytes.size(), &width, &height, &header.sampling,
                            &header.colors) != 0) {
        return fault();
    }
    header.size = {static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)};
    if (isTooLarge(header.size.width, header.size.height))
        return tooManyPixels(header.size.width, header.size.height);
    const JpegFacts facts = readJpegFacts(bytes);
    if (auto error = checkScans(header, facts.scans)) return std::move(*error);

    const Size wanted = fitted(header.size, maxSide);
    const tjscalingfactor factor = scaleFor(header.size, wanted);
    const Size size{static_cast<std::uint32_t>(TJSCALED(header.size.width, factor)),
                    static_cast<std::uint32_t>(TJSCALED(header.size.height, factor))};
    const bool cmyk = header.isCmyk();
    const std::size_t stride = std::size_t{cmyk ? 4U : 3U} * size.width;
    std::vector<std::uint8_t> whole(stride * size.height);
    if (tjDecompress2(context.get(), data, bytes.size(), whole.data(), static_cast<int>(size.width),
                      static_cast<int>(stride), static_cast<int>(size.height),
                      cmyk ? TJPF_CMYK : TJPF_RGB, 0) != 0) {
        const bool warned = tjGetErrorCode(context.get()) == TJERR_WARNING;
        if (!warned || !isHarmless(tjGetErrorStr2(context.get()))) return fault();
    }
    if (!cmyk && wanted.width == size.width && wanted.height == size.height)
        return Pixels{size.width, size.height, std::move(whole)};
    Shrinker shrinker(size, wanted);
    for (std::uint32_t y = 0; y < size.height; ++y) {
        std::uint8_t* row = whole.data() + y * stride;
        if (cmyk) cmykRow(row, row, size.width, facts.adobe);
        shrinker.push(row);
    }
    return shrinker.take();
}

}  // namespace host::imaging
