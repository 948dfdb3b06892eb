// Small pictures as bytes: complete as far as a header and an end make a file complete.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace test {

inline std::string bigEndian(std::uint32_t number) {
    return {static_cast<char>(number >> 24), static_cast<char>(number >> 16),
            static_cast<char>(number >> 8), static_cast<char>(number)};
}

inline std::string png(std::uint32_t width, std::uint32_t height, std::size_t padding = 0) {
    std::string bytes("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", 16);
    bytes += bigEndian(width) + bigEndian(height) + std::string("\x08\x02\0\0\0....", 9);
    bytes += bigEndian(static_cast<std::uint32_t>(padding)) + "IDAT" + std::string(padding, 'x') +
             "....";
    bytes += std::string("\0\0\0\0IEND\xae\x42\x60\x82", 12);
    return bytes;
}

// With a thumbnail, which has an end of its own, in its metadata.
inline std::string jpeg(std::uint16_t width, std::uint16_t height) {
    std::string bytes("\xff\xd8\xff\xe1\0\x0cthumb\xff\xd8x\xff\xd9", 16);
    bytes.replace(4, 2, std::string("\0\x0c", 2));
    bytes += std::string("\xff\xc0\0\x0b\x08", 5);
    bytes += {static_cast<char>(height >> 8), static_cast<char>(height),
              static_cast<char>(width >> 8), static_cast<char>(width)};
    bytes += std::string("\x01\x01\x11\0", 4);
    bytes += std::string("\xff\xda\0\x08\x01\x01\0\0\x3f\0", 10) + std::string(100, 'd');
    return bytes + "\xff\xd9";
}

inline std::string webp(std::uint32_t width, std::uint32_t height) {
    const auto little24 = [](std::uint32_t number) {
        return std::string{static_cast<char>(number), static_cast<char>(number >> 8),
                           static_cast<char>(number >> 16)};
    };
    const std::string chunk = std::string("VP8X\x0a\0\0\0\0\0\0\0", 12) + little24(width - 1) +
                              little24(height - 1) + std::string(20, 'w');
    const auto size = static_cast<std::uint32_t>(chunk.size() + 4);
    return "RIFF" + little24(size) + std::string(1, '\0') + "WEBP" + chunk;
}

inline std::string gif(std::uint16_t width, std::uint16_t height) {
    return std::string("GIF89a") + static_cast<char>(width) + static_cast<char>(width >> 8) +
           static_cast<char>(height) + static_cast<char>(height >> 8) +
           std::string("\0\0\0,..........", 14) + ";";
}

inline std::span<const std::byte> bytesOf(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace test
