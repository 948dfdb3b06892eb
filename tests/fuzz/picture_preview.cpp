// Pictures of the work so far, as backends send them: made small, or left out.
#include "common/preview.hpp"
#include "fuzz.hpp"
#include "picture_size.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint64_t kLargest = 16'000'000;
    if (fuzz::takesLong(fuzz::text(data, size), kLargest)) return 0;
    const std::string jpeg = pictures::smallJpeg(fuzz::text(data, size));
    fuzz::check(jpeg.size() <= pictures::kMaxPreview, "a preview is small");
    fuzz::check(jpeg.empty() || jpeg.starts_with("\xFF\xD8"), "and a JPEG");
    fuzz::check(jpeg.empty() || !pictures::smallJpeg(jpeg).empty(), "that can be read again");
    return 0;
}
