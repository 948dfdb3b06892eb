// Pictures of the work so far, as backends send them: made small, or left out.
#include "common/preview.hpp"
#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string jpeg = pictures::smallJpeg(fuzz::text(data, size));
    fuzz::check(jpeg.size() <= pictures::kMaxPreview, "a preview is small");
    fuzz::check(jpeg.empty() || jpeg.starts_with("\xFF\xD8"), "and a JPEG");
    fuzz::check(jpeg.empty() || !pictures::smallJpeg(jpeg).empty(), "that can be read again");
    return 0;
}
