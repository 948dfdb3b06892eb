#pragma once
// Where a scene is put together: the canvas, the light that falls on everything, and the Pen that
// draws one thing at a place in it. References live as long as the drawing; one thread at a time.

#include <functional>
#include <vector>

#include "canvas.hpp"
#include "random.hpp"
#include "scene.hpp"

namespace sketch {

struct Light {
    Rgb top, mid, low;  /// of the sky, downwards
    Rgb key;            /// of the sun, moon or lamp on lit sides
    Rgb ambient;        /// in the shade
    Rgb haze;           /// what distance fades into
    Rgb glow;           /// around the sun or moon
    float density = 1;  /// of the haze
    float sunX = 0.7F;  /// parts of the frame
    float sunY = 0.3F;
    float stars = 0;
    bool sun = false;
    bool moon = false;
    bool lamps = false;  /// windows and street lamps are lit
    float side = 1;      /// where light comes from: -1 left, 1 right
};

Light makeLight(const Scene& scene, Rng rng);

struct Stage {
    Canvas& canvas;
    const Scene& scene;
    Light light;
    Rng rng;
    std::function<bool()> go;  /// false once the drawing is no longer wanted

    float w() const { return canvas.w(); }
    float h() const { return canvas.h(); }
    float unit() const { return canvas.unit(); }
    float horizon() const { return canvas.h() * scene.horizon; }

    /// How a thing of this colour looks in this light at this distance (0 near .. 1 far).
    Rgb shade(Rgb color, float depth, float lit = 0.6F) const;
    /// The row on which things at this distance stand, and how large they are (1 = foreground).
    float ground(float depth) const;
    float scale(float depth) const;
    /// The palette's colour number i, or `otherwise` when there is none.
    Rgb accent(size_t i, Rgb otherwise) const;
};

/// Draws in a thing's own coordinates: its foot at (0, 0), its top at about (0, -1).
class Pen {
  public:
    Pen(Stage& stage, float x, float y, float size, float depth, bool flip = false);

    /// A shape lit from the side; volume 0 = flat.
    void fill(Path path, Rgb color, float volume = 0.45F);
    /// A shape that shines by itself.
    void shine(Path path, Rgb color, float alpha = 1);
    void line(const std::vector<Point>& points, float from, float to, Rgb color);
    void glow(float x, float y, float radius, Rgb color, float strength);
    void dot(float x, float y, float radius, Rgb color, float alpha = 1, float softness = 0.4F);

    /// The same thing seen in water, below its foot.
    Pen mirrored() const;
    Stage& stage() { return stage_; }
    Point map(float x, float y) const { return {x_ + x * sx_, y_ + y * sy_}; }
    float size() const { return sx_ < 0 ? -sx_ : sx_; }
    float depth() const { return depth_; }

  private:
    Stage& stage_;
    float x_;
    float y_;
    float sx_;
    float sy_;
    float depth_;
    float alpha_ = 1;
};

}  // namespace sketch
