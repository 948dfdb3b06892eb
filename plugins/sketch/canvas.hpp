#pragma once
// The picture while it is being composed: float pixels with antialiased fills, soft dots, glows and
// tapered lines. Coordinates are pixels, y grows downwards; everything is clipped. One thread at a
// time. Every call is bounded by the size of the canvas and of the path.

#include <vector>

#include "color.hpp"
#include "path.hpp"

namespace sketch {

/// A colour, or a gradient from `from` at a to `to` at b, mottled by `grain`.
struct Paint {
    Rgb from;
    Rgb to;
    Point a{0, 0};
    Point b{0, 0};  /// equal to a = plain `from`
    float alpha = 1;
    float grain = 0;

    static Paint plain(Rgb color, float alpha = 1) { return {color, color, {}, {}, alpha, 0}; }
    static Paint vertical(Rgb top, Rgb low, float y0, float y1, float alpha = 1) {
        return {top, low, {0, y0}, {0, y1}, alpha, 0};
    }
};

class Canvas {
  public:
    Canvas(int width, int height);

    int width() const { return width_; }
    int height() const { return height_; }
    float w() const { return static_cast<float>(width_); }
    float h() const { return static_cast<float>(height_); }
    /// The shorter side: sizes are given in parts of it.
    float unit() const { return static_cast<float>(width_ < height_ ? width_ : height_); }

    Rgb& at(int x, int y) {
        return pixels_[static_cast<size_t>(y) * static_cast<size_t>(width_) +
                       static_cast<size_t>(x)];
    }
    const Rgb& at(int x, int y) const {
        return pixels_[static_cast<size_t>(y) * static_cast<size_t>(width_) +
                       static_cast<size_t>(x)];
    }

    void fill(const Path& path, const Paint& paint);
    void fill(const Path& path, Rgb color, float alpha = 1) {
        fill(path, Paint::plain(color, alpha));
    }
    /// A round spot, full in its middle and soft for the outer part `softness` (0..1) of its
    /// radius.
    void dot(float x, float y, float radius, Rgb color, float alpha, float softness = 0.5F);
    /// Light added around a point, fading to nothing at `radius`.
    void glow(float x, float y, float radius, Rgb light, float strength);
    /// A line with round ends, w0 wide at its start and w1 at its end.
    void line(Point from, Point to, float w0, float w1, Rgb color, float alpha = 1);
    void vertical(float y0, float y1, Rgb top, Rgb low, float alpha = 1);

    /// Calls f(x, y, coverage) for each pixel that the path touches.
    template <class F>
    void each(const Path& path, F f) {
        Cover cover = begin(path);
        for (int band = cover.top; band < cover.bottom; band += kBand) {
            const int rows = raster(path, cover, band);
            for (int row = 0; row < rows; ++row) {
                const float* line =
                    &coverage_[static_cast<size_t>(row) * static_cast<size_t>(cover.stride)];
                float sum = 0;
                for (int x = cover.left; x < cover.right; ++x) {
                    sum += line[x - cover.left];
                    const float c = sum < 0 ? -sum : sum;
                    if (c > 0.003F) f(x, band + row, c > 1 ? 1.0F : c);
                }
            }
        }
    }

    void blend(int x, int y, Rgb color, float alpha) {
        Rgb& p = at(x, y);
        p = mix(p, color, alpha);
    }

  private:
    static constexpr int kBand = 64;
    struct Cover {
        int left, top, right, bottom, stride;
    };
    Cover begin(const Path& path) const;
    /// Fills coverage_ with the differences of coverage of up to kBand rows; returns how many.
    int raster(const Path& path, const Cover& cover, int top);

    int width_;
    int height_;
    std::vector<Rgb> pixels_;
    std::vector<float> coverage_;
};

}  // namespace sketch
