#pragma once
// The settings: what each place looks like, from its sky to its foreground. All draw on the stage
// and return early once stage.go() says so. Called by compose alone, one thread per stage.

#include "stage.hpp"

namespace sketch {

/// Sky, ground, subjects and weather of the stage's scene.
void compose(Stage& stage);

void drawSky(Stage& stage);
/// Water from row `top` to the bottom, mirroring what is above; rough 0 = a pond, 1 = a storm.
void drawWater(Stage& stage, float top, float rough);
/// Rain, snow, fog and lightning in front of everything.
void drawWeather(Stage& stage);

/// A ridge across the frame: its crest between `base` and `base - height`, filled down to `bottom`.
Path ridgePath(Stage& stage, const std::vector<float>& line, float base, float height,
               float bottom);
/// Grass or other short strokes between two rows, larger towards the viewer.
void drawGrass(Stage& stage, float top, float bottom, Rgb color, int count);
/// A soft backdrop: light on one side, darker corners, brush-like mottling.
void drawBackdrop(Stage& stage, Rgb light, Rgb dark);
void drawFlowers(Stage& stage, float top, float bottom, int count);

/// Mountains with a lit and a shaded side, and snow above a line (a part of their height).
void drawRange(Stage& stage, Rng rng, float base, float height, float depth, Rgb rock,
               float snowLine);
/// A wood between two rows, the trees larger towards the lower one.
void drawTrees(Stage& stage, Rng rng, float top, float bottom, int count, float size,
               Kind kind = Kind::pine);
/// What the ground is like in the scene's season.
Rgb turf(const Stage& stage);

void drawShore(Stage& stage);  // sea, harbour, beach, lake
void drawDesert(Stage& stage);
void drawForest(Stage& stage);
void drawCity(Stage& stage);
void drawMountains(Stage& stage);
void drawMeadow(Stage& stage);  // village, too
void drawRoom(Stage& stage);
void drawTable(Stage& stage);
void drawPortrait(Stage& stage);
void drawSpace(Stage& stage);
void drawUnderwater(Stage& stage);
void drawAbstract(Stage& stage);

}  // namespace sketch
