#include "sim-endpoint/picture.hpp"

#include <zlib.h>

#include <array>
#include <cmath>
#include <random>
#include <stdexcept>
#include <string_view>

namespace sim {

namespace {

void putBigEndian(std::string& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>(value >> shift));
}

void putChunk(std::string& out, std::string_view type, std::string_view data) {
    putBigEndian(out, static_cast<std::uint32_t>(data.size()));
    std::string body(type);
    body += data;
    out += body;
    putBigEndian(out,
                 static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(body.data()),
                                                    static_cast<uInt>(body.size()))));
}

std::string deflated(const std::string& data) {
    uLongf size = ::compressBound(data.size());
    std::string out(size, '\0');
    if (::compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                    reinterpret_cast<const Bytef*>(data.data()), data.size(), 1) != Z_OK)
        throw std::runtime_error("compress2 failed");
    out.resize(size);
    return out;
}

}  // namespace

std::string makePicture(std::uint32_t width, std::uint32_t height, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> unit(0, 1);
    struct Wave {
        double x, y, phase;
    };
    std::array<Wave, 3> waves;
    for (auto& wave : waves)
        wave = {unit(random) * 9, unit(random) * 9, unit(random) * 6.283};

    std::string rows;
    rows.reserve((width * 3UL + 1) * height);
    for (std::uint32_t y = 0; y < height; ++y) {
        rows.push_back('\0');  // filter: none
        for (std::uint32_t x = 0; x < width; ++x) {
            for (const auto& wave : waves) {
                double value = std::sin(wave.x * x / width + wave.y * y / height + wave.phase);
                rows.push_back(static_cast<char>(static_cast<unsigned char>(127.5 + 127 * value)));
            }
        }
    }

    std::string png("\x89PNG\r\n\x1a\n");
    std::string header;
    putBigEndian(header, width);
    putBigEndian(header, height);
    header += std::string_view("\x08\x02\0\0\0", 5);  // 8 bits, RGB
    putChunk(png, "IHDR", header);
    putChunk(png, "IDAT", deflated(rows));
    putChunk(png, "IEND", "");
    return png;
}

}  // namespace sim
