#include "bitmap.hpp"

#include <algorithm>
#include <cmath>

namespace sketch {

Bitmap cover(const Bitmap& from, int width, int height) {
    Bitmap to(width, height);
    const double scale = std::min(static_cast<double>(from.width) / width,
                                  static_cast<double>(from.height) / height);
    const double left = (from.width - width * scale) / 2;
    const double top = (from.height - height * scale) / 2;
    const auto clampX = [&](int x) { return std::clamp(x, 0, from.width - 1); };
    const auto clampY = [&](int y) { return std::clamp(y, 0, from.height - 1); };
    if (scale > 1.5) {
        for (int y = 0; y < height; ++y) {
            const int y0 = clampY(static_cast<int>(top + y * scale));
            const int y1 =
                std::max(y0 + 1, std::min(static_cast<int>(top + (y + 1) * scale), from.height));
            for (int x = 0; x < width; ++x) {
                const int x0 = clampX(static_cast<int>(left + x * scale));
                const int x1 = std::max(
                    x0 + 1, std::min(static_cast<int>(left + (x + 1) * scale), from.width));
                unsigned sum[3] = {0, 0, 0};
                for (int sy = y0; sy < y1; ++sy) {
                    const uint8_t* p = from.at(x0, sy);
                    for (int sx = x0; sx < x1; ++sx, p += 3) {
                        for (int c = 0; c < 3; ++c)
                            sum[c] += p[c];
                    }
                }
                const auto area = static_cast<unsigned>((y1 - y0) * (x1 - x0));
                for (int c = 0; c < 3; ++c)
                    to.at(x, y)[c] = static_cast<uint8_t>((sum[c] + area / 2) / area);
            }
        }
        return to;
    }
    for (int y = 0; y < height; ++y) {
        const double fy = std::max(top + (y + 0.5) * scale - 0.5, 0.0);
        const int y0 = clampY(static_cast<int>(fy));
        const int ty = static_cast<int>((fy - y0) * 256);
        for (int x = 0; x < width; ++x) {
            const double fx = std::max(left + (x + 0.5) * scale - 0.5, 0.0);
            const int x0 = clampX(static_cast<int>(fx));
            const int tx = static_cast<int>((fx - x0) * 256);
            const uint8_t* a = from.at(x0, y0);
            const uint8_t* b = from.at(clampX(x0 + 1), y0);
            const uint8_t* c = from.at(x0, clampY(y0 + 1));
            const uint8_t* d = from.at(clampX(x0 + 1), clampY(y0 + 1));
            for (int i = 0; i < 3; ++i) {
                const int upper = a[i] * (256 - tx) + b[i] * tx;
                const int lower = c[i] * (256 - tx) + d[i] * tx;
                to.at(x, y)[i] =
                    static_cast<uint8_t>((upper * (256 - ty) + lower * ty + 32768) >> 16);
            }
        }
    }
    return to;
}

Bitmap through(const Bitmap& mask, const Bitmap& under, const Bitmap& over) {
    Bitmap mixed(over.width, over.height);
    for (size_t i = 0; i < mixed.rgb.size(); i += 3) {
        const int share = (mask.rgb[i] + mask.rgb[i + 1] + mask.rgb[i + 2]) / 3;
        for (size_t c = i; c < i + 3; ++c) {
            const int sum = under.rgb[c] * (255 - share) + over.rgb[c] * share;
            mixed.rgb[c] = static_cast<uint8_t>((sum + 127) / 255);
        }
    }
    return mixed;
}

}  // namespace sketch
