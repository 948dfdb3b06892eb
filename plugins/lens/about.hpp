#pragma once
// What the host read from the file beside its pixels: the call's `extra` JSON. Pure function; the
// text comes from strangers' files, so everything is checked and cut.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/upstream.hpp"

namespace lens {

using Json = upstream::Json;

inline constexpr size_t kMaxExtra = 4 * 1024 * 1024;
inline constexpr size_t kMaxLabel = 120;
inline constexpr size_t kMaxPrompt = 4000;

struct Camera {
    std::string make;
    std::string model;
    std::string lens;
    std::string takenAt;  /// "2024-05-31 18:02", or empty
    std::optional<double> focalLengthMm;
    std::optional<double> focalLength35Mm;
    std::optional<double> fNumber;
    std::optional<double> exposureSeconds;
    std::optional<int64_t> iso;
    bool flash = false;
};

struct Generation {
    std::string source;
    std::string prompt;  /// prose; empty when it is a scene
    std::string model;
    std::string sampler;
    Json scene;  /// the prompt when that is scene JSON, else null
    Json shown;  /// what is passed on: without the prompt, which is told elsewhere
};

struct About {
    uint32_t width = 0;  /// of the original; 0 = not told
    uint32_t height = 0;
    std::optional<Camera> camera;
    std::optional<Generation> generation;
};

/// {"width", "height", "metadata": {"camera": {...}, "generation": {...}}}; what is missing or
/// makes no sense is left out.
About readAbout(std::string_view extra);

}  // namespace lens
