#include "store/disk/picture_end.hpp"

#include <optional>

namespace host::store {

namespace {

std::uint8_t byteAt(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint8_t>(bytes[at]);
}

// Where the coded data of a JPEG begins; nothing when that is not inside `head`. A thumbnail in the
// metadata has an end marker of its own, which must not count.
std::optional<std::size_t> startOfScan(std::string_view head) {
    std::size_t at = 2;
    while (at + 4 <= head.size()) {
        if (byteAt(head, at) != 0xff) return std::nullopt;
        const std::uint8_t marker = byteAt(head, at + 1);
        if (marker == 0xff) {  // fill byte
            ++at;
            continue;
        }
        if (marker == 0xda) return at;
        if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {  // no length behind it
            at += 2;
            continue;
        }
        at += 2U + byteAt(head, at + 2) * 256U + byteAt(head, at + 3);
    }
    return std::nullopt;
}

bool jpegIsComplete(std::string_view head, std::string_view tail, std::uint64_t size) {
    const std::size_t end = tail.rfind("\xff\xd9");
    if (end == std::string_view::npos) return false;
    const auto scan = startOfScan(head);
    // Metadata may be longer than the head; then the end alone must do.
    if (!scan) return size > head.size();
    return size - tail.size() + end > *scan;
}

bool webpIsComplete(std::string_view head, std::uint64_t size) {
    if (head.size() < 12) return false;
    std::uint64_t stated = 0;
    for (std::size_t i = 8; i-- > 4;)
        stated = stated * 256 + byteAt(head, i);
    return stated + 8 <= size;
}

bool gifIsComplete(std::string_view tail) {
    const std::size_t last = tail.find_last_not_of('\0');
    return last != std::string_view::npos && tail[last] == ';';
}

}  // namespace

bool isComplete(ImageFormat format, std::string_view head, std::string_view tail,
                std::uint64_t size) {
    switch (format) {
        case ImageFormat::Png:
            // Length 0, type, checksum of the empty last chunk.
            return tail.rfind(std::string_view("\0\0\0\0IEND\xae\x42\x60\x82", 12)) !=
                   std::string_view::npos;
        case ImageFormat::Jpeg:
            return jpegIsComplete(head, tail, size);
        case ImageFormat::Webp:
            return webpIsComplete(head, size);
        case ImageFormat::Gif:
            return gifIsComplete(tail);
    }
    return false;
}

}  // namespace host::store
