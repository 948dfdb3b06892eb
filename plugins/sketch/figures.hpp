#pragma once
// The things that a scene may hold: where each stands, how large it is, and how it is drawn.

#include "stage.hpp"

namespace sketch {

/// Gives every subject a place, a distance and its own entry (three boats become three entries).
void arrange(Scene& scene, Rng rng);
/// Draws the subjects whose distance is in [near, far), the farthest first.
void drawSubjects(Stage& stage, float near, float far);
/// One subject with its foot at the pen's origin.
void drawFigure(Pen& pen, const Subject& subject, Rng rng);
/// Its height as a part of the frame's unit when it stands in the foreground.
float naturalSize(Kind kind);
bool flies(Kind kind);
bool floats(Kind kind);

// By family, in files of their own.
void drawPerson(Pen& pen, const Subject& subject, Rng& rng);
void drawAnimal(Pen& pen, const Subject& subject, Rng& rng);
void drawVehicle(Pen& pen, const Subject& subject, Rng& rng);
void drawBuilding(Pen& pen, const Subject& subject, Rng& rng);
void drawPlant(Pen& pen, const Subject& subject, Rng& rng);
void drawObject(Pen& pen, const Subject& subject, Rng& rng);

/// A planet or moon: a ball with bands, a shadow side and, if `ring`, a ring.
void drawPlanet(Stage& stage, float x, float y, float radius, Rgb color, bool ring, Rng rng);
/// A ball with a highlight, lit from the light's side: fruit, orbs.
void drawBall(Stage& stage, float x, float y, float radius, float squash, Rgb color, float gloss);

}  // namespace sketch
