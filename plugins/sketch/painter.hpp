#pragma once
// Paints a picture with brush strokes after a target, from broad to fine: every step lays strokes
// of one size where the painting differs most from the target. One thread at a time; `target` must
// outlive the painter. The work of all steps together is bounded whatever their number.

#include <functional>
#include <vector>

#include "bitmap.hpp"
#include "random.hpp"

namespace sketch {

class Painter {
  public:
    Painter(const Bitmap& target, int steps, Rng rng);

    /// Step 0 .. steps - 1; false when `go` ended it.
    bool step(int number, const std::function<bool()>& go);
    const Bitmap& painting() const { return painting_; }
    Bitmap take() { return std::move(painting_); }

  private:
    struct Stroke {
        float x, y, c, s, half, radius;
        int color[3];
        uint32_t bristles;
    };
    void lay(const Stroke& stroke);
    float direction(float x, float y) const;

    const Bitmap& target_;
    int steps_;
    Rng rng_;
    Bitmap painting_;
    Bitmap coarse_;              /// the target, a quarter as wide
    std::vector<float> angles_;  /// along the edges, for every pixel of coarse_
};

}  // namespace sketch
