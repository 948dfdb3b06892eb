#include "canvas.hpp"

#include <algorithm>
#include <cmath>

#include "noise.hpp"

namespace sketch {

Canvas::Canvas(int width, int height)
    : width_(width),
      height_(height),
      pixels_(static_cast<size_t>(width) * static_cast<size_t>(height)) {}

Canvas::Cover Canvas::begin(const Path& path) const {
    float left = 1e9F;
    float top = 1e9F;
    float right = -1e9F;
    float bottom = -1e9F;
    for (const Point& p : path.points()) {
        left = std::min(left, p.x);
        right = std::max(right, p.x);
        top = std::min(top, p.y);
        bottom = std::max(bottom, p.y);
    }
    const auto within = [](float v, int limit) {
        return static_cast<int>(std::clamp(v, 0.0F, static_cast<float>(limit)));
    };
    Cover cover{within(std::floor(left), width_), within(std::floor(top), height_),
                within(std::ceil(right), width_), within(std::ceil(bottom), height_), 0};
    if (cover.right <= cover.left) cover.bottom = cover.top;
    cover.stride = cover.right - cover.left + 2;
    return cover;
}

int Canvas::raster(const Path& path, const Cover& cover, int top) {
    const int rows = std::min(kBand, cover.bottom - top);
    coverage_.assign(static_cast<size_t>(rows) * static_cast<size_t>(cover.stride), 0.0F);
    const float limit = static_cast<float>(cover.right - cover.left);
    const auto& points = path.points();
    const auto& starts = path.starts();
    for (size_t contour = 0; contour < starts.size(); ++contour) {
        const size_t first = starts[contour];
        const size_t last = contour + 1 < starts.size() ? starts[contour + 1] : points.size();
        for (size_t i = first; i < last; ++i) {
            Point a = points[i];
            Point b = points[i + 1 < last ? i + 1 : first];
            if (a.y == b.y) continue;
            float sign = 1;
            if (a.y > b.y) {
                std::swap(a, b);
                sign = -1;
            }
            const float y0 = std::max(a.y - static_cast<float>(top), 0.0F);
            const float y1 = std::min(b.y - static_cast<float>(top), static_cast<float>(rows));
            if (y0 >= y1) continue;
            const float slope = (b.x - a.x) / (b.y - a.y);
            const int lastRow = std::min(static_cast<int>(std::ceil(y1)), rows);
            for (int row = static_cast<int>(y0); row < lastRow; ++row) {
                const float r0 = std::max(y0, static_cast<float>(row));
                const float r1 = std::min(y1, static_cast<float>(row + 1));
                const float dy = (r1 - r0) * sign;
                const float base = a.x - static_cast<float>(cover.left);
                const float offset = static_cast<float>(top) - a.y;
                float x0 = std::clamp(base + (r0 + offset) * slope, 0.0F, limit);
                float x1 = std::clamp(base + (r1 + offset) * slope, 0.0F, limit);
                if (x0 > x1) std::swap(x0, x1);
                float* line =
                    &coverage_[static_cast<size_t>(row) * static_cast<size_t>(cover.stride)];
                const int i0 = static_cast<int>(x0);
                const int i1 = static_cast<int>(x1);
                if (i0 == i1) {
                    // The edge stays in one pixel: a trapezoid of its area, the rest to the right.
                    const float part = 1 - ((x0 + x1) / 2 - static_cast<float>(i0));
                    line[i0] += dy * part;
                    line[i0 + 1] += dy * (1 - part);
                    continue;
                }
                const float scale = dy / (x1 - x0);
                for (int x = i0; x <= i1; ++x) {
                    // Coverage of pixel x is the mean over it of how much of the edge lies left.
                    const float l = std::max(x0, static_cast<float>(x));
                    const float r = std::min(x1, static_cast<float>(x + 1));
                    const float here = (r - l) * scale;
                    const float part = 1 - ((l + r) / 2 - static_cast<float>(x));
                    line[x] += here * part;
                    line[x + 1] += here * (1 - part);
                }
            }
        }
    }
    return rows;
}

void Canvas::fill(const Path& path, const Paint& paint) {
    const float dx = paint.b.x - paint.a.x;
    const float dy = paint.b.y - paint.a.y;
    const float length = dx * dx + dy * dy;
    const float scale = length > 0 ? 1 / length : 0;
    if (length <= 0 && paint.grain <= 0) {
        each(path, [&](int x, int y, float c) { blend(x, y, paint.from, c * paint.alpha); });
        return;
    }
    const float fine = 90.0F / unit();
    each(path, [&](int x, int y, float c) {
        const float fx = static_cast<float>(x);
        const float fy = static_cast<float>(y);
        const float t = clamp01(((fx - paint.a.x) * dx + (fy - paint.a.y) * dy) * scale);
        Rgb color = mix(paint.from, paint.to, t);
        if (paint.grain > 0) {
            color = color * (1 + paint.grain * (noise(fx * fine, fy * fine, 77U) - 0.5F));
        }
        blend(x, y, color, c * paint.alpha);
    });
}

void Canvas::dot(float x, float y, float radius, Rgb color, float alpha, float softness) {
    const float r = std::max(radius, 0.3F);
    const float reach = r + 1;
    const int x0 = static_cast<int>(std::clamp(x - reach, 0.0F, w()));
    const int x1 = static_cast<int>(std::clamp(x + reach + 1, 0.0F, w()));
    const int y0 = static_cast<int>(std::clamp(y - reach, 0.0F, h()));
    const int y1 = static_cast<int>(std::clamp(y + reach + 1, 0.0F, h()));
    const float edge = std::max(softness * r, 0.7F);
    const float scale = 1 / edge;
    for (int py = y0; py < y1; ++py) {
        const float dy = static_cast<float>(py) + 0.5F - y;
        for (int px = x0; px < x1; ++px) {
            const float dx = static_cast<float>(px) + 0.5F - x;
            const float c = clamp01((r + 0.35F - std::sqrt(dx * dx + dy * dy)) * scale);
            if (c > 0) blend(px, py, color, c * alpha);
        }
    }
}

void Canvas::glow(float x, float y, float radius, Rgb light, float strength) {
    const int x0 = static_cast<int>(std::clamp(x - radius, 0.0F, w()));
    const int x1 = static_cast<int>(std::clamp(x + radius + 1, 0.0F, w()));
    const int y0 = static_cast<int>(std::clamp(y - radius, 0.0F, h()));
    const int y1 = static_cast<int>(std::clamp(y + radius + 1, 0.0F, h()));
    const float scale = 1 / (radius * radius);
    for (int py = y0; py < y1; ++py) {
        const float dy = static_cast<float>(py) - y;
        for (int px = x0; px < x1; ++px) {
            const float dx = static_cast<float>(px) - x;
            const float d = 1 - (dx * dx + dy * dy) * scale;
            if (d <= 0) continue;
            const float k = d * d * d * strength;
            Rgb& p = at(px, py);
            // Screen rather than add, so that bright skies do not burn out.
            p = p + light * ((1 - std::min(luma(p), 1.0F)) * k);
        }
    }
}

void Canvas::line(Point from, Point to, float w0, float w1, Rgb color, float alpha) {
    const float r0 = std::max(w0 / 2, 0.25F);
    const float r1 = std::max(w1 / 2, 0.25F);
    const float reach = std::max(r0, r1) + 1;
    const float dx = to.x - from.x;
    const float dy = to.y - from.y;
    const float length = std::max(dx * dx + dy * dy, 1e-4F);
    const int y0 = static_cast<int>(std::clamp(std::min(from.y, to.y) - reach, 0.0F, h()));
    const int y1 = static_cast<int>(std::clamp(std::max(from.y, to.y) + reach + 1, 0.0F, h()));
    const float lean = std::sqrt(length) / std::max(std::fabs(dy), 1e-3F);
    for (int py = y0; py < y1; ++py) {
        const float fy = static_cast<float>(py) + 0.5F - from.y;
        // The part of this row that can be near the line.
        float left = std::min(from.x, to.x) - reach;
        float right = std::max(from.x, to.x) + reach;
        if (std::fabs(dy) > 1) {
            const float centre = from.x + dx * fy / dy;
            left = std::max(left, centre - reach * lean);
            right = std::min(right, centre + reach * lean);
        }
        const int x0 = static_cast<int>(std::clamp(left, 0.0F, w()));
        const int x1 = static_cast<int>(std::clamp(right + 1, 0.0F, w()));
        for (int px = x0; px < x1; ++px) {
            const float fx = static_cast<float>(px) + 0.5F - from.x;
            const float t = clamp01((fx * dx + fy * dy) / length);
            const float ex = fx - dx * t;
            const float ey = fy - dy * t;
            const float r = mix(r0, r1, t);
            const float c = clamp01(r + 0.5F - std::sqrt(ex * ex + ey * ey));
            if (c > 0) blend(px, py, color, c * alpha);
        }
    }
}

void Canvas::vertical(float y0, float y1, Rgb top, Rgb low, float alpha) {
    const int from = static_cast<int>(std::clamp(y0, 0.0F, h()));
    const int to = static_cast<int>(std::clamp(y1, 0.0F, h()));
    for (int y = from; y < to; ++y) {
        const Rgb color =
            mix(top, low, clamp01((static_cast<float>(y) - y0) / std::max(y1 - y0, 1.0F)));
        for (int x = 0; x < width_; ++x)
            blend(x, y, color, alpha);
    }
}

}  // namespace sketch
