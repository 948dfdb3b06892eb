#include "painter.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "noise.hpp"

namespace sketch {
namespace {

constexpr int kCoarse = 4;

int difference(const uint8_t* a, const uint8_t* b) {
    return std::abs(a[0] - b[0]) + std::abs(a[1] - b[1]) + std::abs(a[2] - b[2]);
}

}  // namespace

Painter::Painter(const Bitmap& target, int steps, Rng rng)
    : target_(target), steps_(std::max(steps, 1)), rng_(rng) {
    coarse_ =
        cover(target, std::max(target.width / kCoarse, 1), std::max(target.height / kCoarse, 1));
    // The ground: the large masses, washed in.
    const Bitmap wash =
        cover(target, std::max(target.width / 64, 2), std::max(target.height / 64, 2));
    painting_ = cover(wash, target.width, target.height);

    const int w = coarse_.width;
    const int h = coarse_.height;
    angles_.resize(static_cast<size_t>(w) * static_cast<size_t>(h));
    const auto light = [&](int x, int y) {
        const uint8_t* p = coarse_.at(std::clamp(x, 0, w - 1), std::clamp(y, 0, h - 1));
        return static_cast<float>(p[0] * 3 + p[1] * 6 + p[2]);
    };
    const auto seed = static_cast<uint32_t>(rng_.next());
    const float unit = static_cast<float>(std::min(w, h));
    for (int y = 0; y < h; ++y) {
        for (int x = 0; x < w; ++x) {
            const float gx = light(x + 1, y) - light(x - 1, y) + light(x + 2, y) - light(x - 2, y);
            const float gy = light(x, y + 1) - light(x, y - 1) + light(x, y + 2) - light(x, y - 2);
            // Where nothing leads, strokes drift with a slow flow, rather level than steep.
            const float drift =
                (noise(static_cast<float>(x) / unit * 3, static_cast<float>(y) / unit * 3, seed) -
                 0.5F) *
                1.6F;
            const float lead = std::min(std::hypot(gx, gy) / 220, 1.0F);
            const float along = std::atan2(gx, -gy);
            const float wx = std::cos(2 * along) * lead + std::cos(2 * drift) * (1 - lead) * 0.4F;
            const float wy = std::sin(2 * along) * lead + std::sin(2 * drift) * (1 - lead) * 0.4F;
            angles_[static_cast<size_t>(y) * static_cast<size_t>(w) + static_cast<size_t>(x)] =
                std::atan2(wy, wx) / 2;
        }
    }
}

float Painter::direction(float x, float y) const {
    const int cx = std::clamp(static_cast<int>(x) / kCoarse, 0, coarse_.width - 1);
    const int cy = std::clamp(static_cast<int>(y) / kCoarse, 0, coarse_.height - 1);
    return angles_[static_cast<size_t>(cy) * static_cast<size_t>(coarse_.width) +
                   static_cast<size_t>(cx)];
}

void Painter::lay(const Stroke& stroke) {
    const float reachY = std::fabs(stroke.s) * stroke.half + std::fabs(stroke.c) * stroke.radius;
    const int y0 = std::max(static_cast<int>(stroke.y - reachY), 0);
    const int y1 = std::min(static_cast<int>(stroke.y + reachY) + 1, painting_.height - 1);
    const float soft = std::max(stroke.radius * 0.35F, 0.8F);
    const float opacity = 235;
    int hairs[16];
    uint32_t bits = stroke.bristles;
    for (int& hair : hairs) {
        hair = 190 + static_cast<int>(bits & 63U);
        bits = bits * 1664525U + 1013904223U;
        bits ^= bits >> 13;
    }
    const float hairScale = 15.99F / (2 * stroke.radius);
    for (int y = y0; y <= y1; ++y) {
        const float dy = static_cast<float>(y) - stroke.y;
        float low = -1e6F;
        float high = 1e6F;
        const auto narrow = [&](float slope, float offset, float limit) {
            // -limit <= dx * slope + offset <= limit
            if (std::fabs(slope) < 1e-3F) {
                if (std::fabs(offset) > limit) high = low - 1;
                return;
            }
            const float a = (-limit - offset) / slope;
            const float b = (limit - offset) / slope;
            low = std::max(low, std::min(a, b));
            high = std::min(high, std::max(a, b));
        };
        narrow(stroke.c, dy * stroke.s, stroke.half);
        narrow(-stroke.s, dy * stroke.c, stroke.radius);
        if (low > high) continue;
        const int x0 = std::max(static_cast<int>(std::ceil(stroke.x + low)), 0);
        const int x1 = std::min(static_cast<int>(std::floor(stroke.x + high)), painting_.width - 1);
        if (x0 > x1) continue;
        uint8_t* p = painting_.at(x0, y);
        for (int x = x0; x <= x1; ++x, p += 3) {
            const float dx = static_cast<float>(x) - stroke.x;
            const float across = dy * stroke.c - dx * stroke.s;
            const float rest =
                std::min(stroke.radius - std::fabs(across),
                         (stroke.half - std::fabs(dx * stroke.c + dy * stroke.s)) * 0.6F);
            const float edge = std::min(rest / soft, 1.0F);
            if (edge <= 0) continue;
            const int hair = hairs[static_cast<int>((across + stroke.radius) * hairScale) & 15];
            const int alpha = static_cast<int>(edge * opacity) * hair >> 8;
            for (int c = 0; c < 3; ++c)
                p[c] = static_cast<uint8_t>(p[c] + ((stroke.color[c] - p[c]) * alpha >> 8));
        }
    }
}

bool Painter::step(int number, const std::function<bool()>& go) {
    const float unit = static_cast<float>(std::min(target_.width, target_.height));
    const float first = unit / 13;
    const float last = std::max(unit / (120 + 15 * static_cast<float>(std::min(steps_, 24))), 1.3F);
    const float t = steps_ > 1 ? static_cast<float>(number) / static_cast<float>(steps_ - 1) : 1;
    const float radius = steps_ > 1 ? first * std::pow(last / first, t) : unit / 55;
    const float share = std::min(1.0F, 6.5F / static_cast<float>(steps_));
    const float grid = std::max(radius * 1.6F, 2.0F);
    const int jitter = static_cast<int>(14 * (1 - t)) + 5;
    const int goEvery = std::max(1, static_cast<int>(60000 / std::max(grid, 1.0F) / unit));
    int row = 0;
    for (float gy = grid / 2; gy < static_cast<float>(target_.height); gy += grid, ++row) {
        if (row % goEvery == 0 && !go()) return false;
        for (float gx = grid / 2; gx < static_cast<float>(target_.width); gx += grid) {
            const float x = std::clamp(gx + rng_.in(-0.5F, 0.5F) * grid, 0.0F,
                                       static_cast<float>(target_.width - 1));
            const float y = std::clamp(gy + rng_.in(-0.5F, 0.5F) * grid, 0.0F,
                                       static_cast<float>(target_.height - 1));
            const int ix = static_cast<int>(x);
            const int iy = static_cast<int>(y);
            const uint8_t* source = radius > 3.2F
                                        ? coarse_.at(std::min(ix / kCoarse, coarse_.width - 1),
                                                     std::min(iy / kCoarse, coarse_.height - 1))
                                        : target_.at(ix, iy);
            const int error = difference(source, painting_.at(ix, iy));
            if (number > 0 &&
                (error < 12 ||
                 !rng_.chance(share * std::clamp(static_cast<float>(error) / 42, 0.2F, 6.0F))))
                continue;
            Stroke stroke{};
            const float angle = direction(x, y) + rng_.in(-0.16F, 0.16F);
            stroke.x = x;
            stroke.y = y;
            stroke.c = std::cos(angle);
            stroke.s = std::sin(angle);
            stroke.radius = radius * rng_.in(0.75F, 1.15F);
            stroke.half = radius * rng_.in(2.0F, 3.6F);
            const int tone = rng_.pick(2 * jitter + 1) - jitter;
            for (int c = 0; c < 3; ++c)
                stroke.color[c] = std::clamp(source[c] + tone + rng_.pick(7) - 3, 0, 255);
            stroke.bristles = static_cast<uint32_t>(rng_.next());
            lay(stroke);
        }
    }
    return true;
}

}  // namespace sketch
