// Whether a stored picture is all there.
#pragma once

#include <Poco/Checksum.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace test {

// From its signature to its last chunk, and every chunk's checksum is right.
inline bool isWholePng(std::string_view bytes) {
    constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
    constexpr std::size_t kFrame = 12;  // length, type and checksum
    const auto numberAt = [&bytes](std::size_t at) {
        std::uint32_t number = 0;
        for (const char byte : bytes.substr(at, 4))
            number = number << 8 | static_cast<unsigned char>(byte);
        return number;
    };
    if (!bytes.starts_with(kSignature)) return false;
    bytes.remove_prefix(kSignature.size());
    while (bytes.size() >= kFrame) {
        const std::size_t size = numberAt(0);
        if (size > bytes.size() - kFrame) return false;
        Poco::Checksum sum(Poco::Checksum::TYPE_CRC32);
        sum.update(std::string(bytes.substr(4, 4 + size)));
        if (sum.checksum() != numberAt(8 + size)) return false;
        const bool last = bytes.substr(4, 4) == "IEND";
        bytes.remove_prefix(size + kFrame);
        if (last) return bytes.empty();
    }
    return false;
}

}  // namespace test
