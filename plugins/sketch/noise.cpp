#include "noise.hpp"

#include <algorithm>
#include <cmath>

#include "color.hpp"

namespace sketch {
namespace {

float lattice(int x, int y, uint32_t seed) {
    uint32_t h =
        static_cast<uint32_t>(x) * 0x9e3779b1U ^ static_cast<uint32_t>(y) * 0x85ebca77U ^ seed;
    h = (h ^ (h >> 15)) * 0x2c1b3c6dU;
    h = (h ^ (h >> 12)) * 0x297a2d39U;
    h ^= h >> 15;
    return static_cast<float>(h >> 8) * (1.0F / 16777216.0F);
}

}  // namespace

float noise(float x, float y, uint32_t seed) {
    const float fx = std::floor(x);
    const float fy = std::floor(y);
    const int ix = static_cast<int>(fx);
    const int iy = static_cast<int>(fy);
    float tx = x - fx;
    float ty = y - fy;
    tx = tx * tx * (3 - 2 * tx);
    ty = ty * ty * (3 - 2 * ty);
    const float top = mix(lattice(ix, iy, seed), lattice(ix + 1, iy, seed), tx);
    const float low = mix(lattice(ix, iy + 1, seed), lattice(ix + 1, iy + 1, seed), tx);
    return mix(top, low, ty);
}

float fbm(float x, float y, int octaves, uint32_t seed) {
    float sum = 0;
    float weight = 0.5F;
    float total = 0;
    for (int i = 0; i < octaves; ++i) {
        sum += weight * noise(x, y, seed + static_cast<uint32_t>(i) * 101U);
        total += weight;
        weight *= 0.5F;
        // Turned a little each time, so that the grid does not show.
        const float nx = 1.6F * x + 1.2F * y + 3.1F;
        y = 1.6F * y - 1.2F * x + 7.7F;
        x = nx;
    }
    return sum / total;
}

float Field::at(float x, float y) const {
    const float gx =
        std::clamp(x / static_cast<float>(cell_), 0.0F, static_cast<float>(columns_) - 1.01F);
    const float gy =
        std::clamp(y / static_cast<float>(cell_), 0.0F, static_cast<float>(rows_) - 1.01F);
    const int ix = std::min(static_cast<int>(gx), columns_ - 2);
    const int iy = std::min(static_cast<int>(gy), rows_ - 2);
    const float* row =
        &values_[static_cast<size_t>(iy) * static_cast<size_t>(columns_) + static_cast<size_t>(ix)];
    const float tx = gx - static_cast<float>(ix);
    const float ty = gy - static_cast<float>(iy);
    return mix(mix(row[0], row[1], tx), mix(row[columns_], row[columns_ + 1], tx), ty);
}

std::vector<float> ridge(int count, float rough, Rng& rng) {
    const auto n = static_cast<size_t>(std::max(count, 3));
    size_t size = 2;
    while (size + 1 < n)
        size *= 2;
    std::vector<float> line(size + 1);
    line[0] = rng.unit();
    line[size] = rng.unit();
    float swing = 0.5F;
    for (size_t step = size; step > 1; step /= 2) {
        for (size_t i = step / 2; i < size; i += step) {
            line[i] = (line[i - step / 2] + line[i + step / 2]) / 2 + rng.in(-swing, swing);
        }
        swing *= rough;
    }
    const auto [low, high] = std::minmax_element(line.begin(), line.end());
    const float floor = *low;
    const float span = std::max(*high - floor, 1e-3F);
    for (float& value : line)
        value = (value - floor) / span;
    // Spread evenly to the count asked for.
    std::vector<float> out(n);
    for (size_t i = 0; i < n; ++i) {
        const float at =
            static_cast<float>(i) * static_cast<float>(size) / static_cast<float>(n - 1);
        const size_t k = std::min(static_cast<size_t>(at), size - 1);
        out[i] = mix(line[k], line[k + 1], at - static_cast<float>(k));
    }
    return out;
}

}  // namespace sketch
