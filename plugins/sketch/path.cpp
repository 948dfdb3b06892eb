#include "path.hpp"

#include <algorithm>
#include <cmath>

namespace sketch {
namespace {

constexpr int kCurvePieces = 12;
constexpr int kRoundPieces = 40;
constexpr float kTau = 6.2831853F;

Point spline(Point a, Point b, Point c, Point d, float t) {
    const auto axis = [t](float p0, float p1, float p2, float p3) {
        return 0.5F * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t * t +
                       (3 * p1 - p0 - 3 * p2 + p3) * t * t * t);
    };
    return {axis(a.x, b.x, c.x, d.x), axis(a.y, b.y, c.y, d.y)};
}

}  // namespace

Path& Path::move(float x, float y) {
    starts_.push_back(points_.size());
    points_.push_back({x, y});
    return *this;
}

Path& Path::line(float x, float y) {
    if (starts_.empty()) return move(x, y);
    points_.push_back({x, y});
    return *this;
}

Path& Path::quad(float cx, float cy, float x, float y) {
    const Point from = points_.empty() ? Point{cx, cy} : points_.back();
    for (int i = 1; i <= kCurvePieces; ++i) {
        const float t = static_cast<float>(i) / kCurvePieces;
        const float s = 1 - t;
        line(s * s * from.x + 2 * s * t * cx + t * t * x,
             s * s * from.y + 2 * s * t * cy + t * t * y);
    }
    return *this;
}

Path& Path::cubic(float ax, float ay, float bx, float by, float x, float y) {
    const Point from = points_.empty() ? Point{ax, ay} : points_.back();
    for (int i = 1; i <= kCurvePieces; ++i) {
        const float t = static_cast<float>(i) / kCurvePieces;
        const float s = 1 - t;
        const float k0 = s * s * s;
        const float k1 = 3 * s * s * t;
        const float k2 = 3 * s * t * t;
        const float k3 = t * t * t;
        line(k0 * from.x + k1 * ax + k2 * bx + k3 * x, k0 * from.y + k1 * ay + k2 * by + k3 * y);
    }
    return *this;
}

Path& Path::ellipse(float cx, float cy, float rx, float ry, float turn) {
    const float c = std::cos(turn);
    const float s = std::sin(turn);
    for (int i = 0; i < kRoundPieces; ++i) {
        const float a = kTau * static_cast<float>(i) / kRoundPieces;
        const float x = rx * std::cos(a);
        const float y = ry * std::sin(a);
        const Point p{cx + x * c - y * s, cy + x * s + y * c};
        if (i == 0) {
            move(p.x, p.y);
        } else {
            line(p.x, p.y);
        }
    }
    return *this;
}

Path& Path::box(float x, float y, float w, float h) {
    return move(x, y).line(x + w, y).line(x + w, y + h).line(x, y + h);
}

Path& Path::roundBox(float x, float y, float w, float h, float radius) {
    const float r = std::min({radius, w / 2, h / 2});
    return move(x + r, y)
        .line(x + w - r, y)
        .quad(x + w, y, x + w, y + r)
        .line(x + w, y + h - r)
        .quad(x + w, y + h, x + w - r, y + h)
        .line(x + r, y + h)
        .quad(x, y + h, x, y + h - r)
        .line(x, y + r)
        .quad(x, y, x + r, y);
}

Path& Path::blob(const std::vector<Point>& points) {
    const size_t n = points.size();
    if (n < 3) return *this;
    bool first = true;
    for (size_t i = 0; i < n; ++i) {
        for (int k = 0; k < 8; ++k) {
            const Point p = spline(points[(i + n - 1) % n], points[i], points[(i + 1) % n],
                                   points[(i + 2) % n], static_cast<float>(k) / 8);
            if (first) {
                move(p.x, p.y);
            } else {
                line(p.x, p.y);
            }
            first = false;
        }
    }
    return *this;
}

Path& Path::band(const std::vector<Point>& points, float from, float to) {
    const size_t n = points.size();
    if (n < 2) return *this;
    std::vector<Point> left;
    std::vector<Point> right;
    for (size_t i = 0; i < n; ++i) {
        const Point a = points[i == 0 ? 0 : i - 1];
        const Point b = points[std::min(i + 1, n - 1)];
        const float length = std::max(std::hypot(b.x - a.x, b.y - a.y), 1e-6F);
        const float width =
            (from + (to - from) * static_cast<float>(i) / static_cast<float>(n - 1)) / 2;
        const float nx = -(b.y - a.y) / length * width;
        const float ny = (b.x - a.x) / length * width;
        left.push_back({points[i].x + nx, points[i].y + ny});
        right.push_back({points[i].x - nx, points[i].y - ny});
    }
    move(left[0].x, left[0].y);
    for (size_t i = 1; i < n; ++i)
        line(left[i].x, left[i].y);
    for (size_t i = n; i-- > 0;)
        line(right[i].x, right[i].y);
    return *this;
}

std::vector<Point> smoothLine(const std::vector<Point>& points, int pieces) {
    std::vector<Point> out;
    const size_t n = points.size();
    for (size_t i = 0; i + 1 < n; ++i) {
        for (int k = 0; k < pieces; ++k) {
            out.push_back(spline(points[i == 0 ? 0 : i - 1], points[i], points[i + 1],
                                 points[std::min(i + 2, n - 1)],
                                 static_cast<float>(k) / static_cast<float>(pieces)));
        }
    }
    if (n > 0) out.push_back(points.back());
    return out;
}

}  // namespace sketch
