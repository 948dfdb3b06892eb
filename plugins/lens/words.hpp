#pragma once
// What the figures say in words. Only what was measured: a phrase that would be a guess is left
// out, and then the text is empty. Pure functions.

#include <cstdint>
#include <span>
#include <string>

#include "about.hpp"
#include "layout.hpp"
#include "measure.hpp"
#include "palette.hpp"

namespace lens {

/// Few colours, large areas without any noise, hard steps between them: drawn by a program.
bool flatGraphic(const Figures& figures);
bool blackAndWhite(const Figures& figures);

std::string lightingOf(const Measured& measured);
std::string moodOf(const Figures& figures);
/// Colours and tones along the edges of the frame.
std::string backgroundOf(const Grid& grid);
/// "A landscape-format picture, mostly dark blue, with vivid orange".
std::string toneSentence(std::span<const Swatch> palette, uint32_t width, uint32_t height);
std::string styleOf(const Figures& figures, const About& about);
std::string timeOf(const Camera& camera);

/// "3:2": the common ratio when one is near, else "2.35:1".
std::string aspectRatio(uint32_t width, uint32_t height);
std::string lensOf(const Camera& camera);
std::string apertureOf(const Camera& camera);
std::string shutterOf(const Camera& camera);

}  // namespace lens
