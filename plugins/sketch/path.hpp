#pragma once
// Outlines made of straight lines, with curves flattened as they are added. Coordinates are
// whatever the caller likes; Canvas fills them in pixels, Pen in its own.

#include <cstddef>
#include <vector>

namespace sketch {

struct Point {
    float x = 0;
    float y = 0;
};

class Path {
  public:
    Path& move(float x, float y);
    Path& line(float x, float y);
    Path& quad(float cx, float cy, float x, float y);
    Path& cubic(float ax, float ay, float bx, float by, float x, float y);
    Path& ellipse(float cx, float cy, float rx, float ry, float turn = 0);
    Path& box(float x, float y, float w, float h);
    Path& roundBox(float x, float y, float w, float h, float radius);
    /// A closed smooth outline through the points.
    Path& blob(const std::vector<Point>& points);
    /// A band along the points, as wide as `from` at its start and `to` at its end.
    Path& band(const std::vector<Point>& points, float from, float to);

    const std::vector<Point>& points() const { return points_; }
    /// Where each contour begins in points().
    const std::vector<size_t>& starts() const { return starts_; }

    template <class F>
    void transform(F f) {
        for (Point& p : points_)
            p = f(p);
    }

  private:
    std::vector<Point> points_;
    std::vector<size_t> starts_;
};

/// The band's spine made smooth: Catmull-Rom, `pieces` per section.
std::vector<Point> smoothLine(const std::vector<Point>& points, int pieces = 6);

}  // namespace sketch
