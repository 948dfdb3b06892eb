// Format and size by the first bytes, and whether a file goes to its end.
#include "fuzz.hpp"
#include "store/disk/picture_end.hpp"
#include "support/image_info.hpp"

using namespace host;
using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text(data, size);
    const auto format = sniffImage(bytes);
    const auto info = readImageInfo(bytes);
    check(format.has_value() == info.has_value(), "what has a format has information");
    check((looksLikePicture(bytes) == Sniff::Yes) == format.has_value(), "both sniff the same");
    for (std::size_t length = 0; length < bytes.size() && length <= kImageMagicBytes; ++length) {
        const Sniff early = looksLikePicture(bytes.substr(0, length));
        check(!format || early != Sniff::No, "no beginning of a picture is refused");
        check(format || early != Sniff::Yes, "nothing is a picture only while it is short");
    }
    if (!info) return 0;
    check(info->format == *format, "the information is of that format");
    check((info->width == 0) == (info->height == 0), "a size is known whole or not at all");
    for (std::size_t length : {bytes.size() / 2, bytes.size() - 1}) {
        const auto part = readImageInfo(bytes.substr(0, length));
        check(!part || part->width == 0 || part->width == info->width,
              "more bytes do not change a size");
    }
    const std::size_t head = std::min<std::size_t>(bytes.size(), 64);
    store::isComplete(*format, bytes, bytes, size);
    store::isComplete(*format, bytes.substr(0, head), bytes.substr(bytes.size() - head), size);
    return 0;
}
