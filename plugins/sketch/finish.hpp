#pragma once
// From the composed scene to the look that was asked for: colour grading, how the input picture and
// the scene are merged, and the last touch of style over the brushwork. Pure functions.

#include "bitmap.hpp"
#include "canvas.hpp"
#include "random.hpp"
#include "scene.hpp"

namespace sketch {

/// Palette, tone and guidance applied; guidance 1 = muted .. 10 = vivid.
Bitmap grade(const Canvas& canvas, const Scene& scene, float guidance, Rng rng);
/// The input picture repainted: strength 0 = as it is, 1 = the scene alone.
Bitmap merge(const Bitmap& input, const Bitmap& scene, float strength, Rng rng);
/// What brushes are to follow in the scene's style (a line drawing, flat areas ...).
void stylise(Bitmap& target, const Scene& scene);
/// Brushwork and target put together, with grain, paper and vignette. `amount` 0 = the target
/// alone.
void finish(Bitmap& painting, const Bitmap& target, const Scene& scene, float amount, Rng rng);

}  // namespace sketch
