// What a backend tells about itself with describe: what it can draw, which input pictures it takes.
// A backend keeps it as a snapshot (Backend::capabilities()), which is replaced when the backend
// comes back after it was away.
//
// Everything is optional: what a plugin does not tell is unknown, and then allowed. A plugin that
// says nothing, nonsense, or does not answer in time has told nothing; the log tells. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "imaging/pixels.hpp"
#include "plugins/input_role.hpp"
#include "plugins/picture_size.hpp"
#include "support/error.hpp"

namespace host::plugins {

class Backend;
struct CallResult;

// Both ends belong to it.
struct Bounds {
    double min = 0;
    double max = 0;
    bool holds(double value) const { return value >= min && value <= max; }
};

// A number that a request may set. `none`: the backend has no such notion.
struct Knob {
    bool none = false;
    std::optional<Bounds> range;
    std::optional<double> byDefault;  // within the range: what it takes when nobody chooses
};

// What every size has to keep to; 0 = no such rule.
struct SizeRules {
    std::uint32_t minSide = 0;
    std::uint32_t maxSide = 0;
    std::uint32_t multipleOf = 0;
    std::uint64_t maxPixels = 0;
};

enum class CancelWay { Immediate, Step, None };

struct Capabilities {
    imaging::Wanted input;  // `image_formats` and `max_image_side`
    std::optional<bool> imageToImage;
    std::optional<std::vector<InputRole>> inputRoles;  // those known here
    std::optional<std::uint32_t> maxInputs;            // the start picture among them
    std::optional<bool> negativePrompt;
    std::optional<bool> seed;
    Knob steps;
    Knob guidanceScale;
    std::vector<PictureSize> sizes;  // exactly these; empty = unknown
    std::optional<SizeRules> size;
    std::string model;
    std::vector<std::string> models;  // the first kMostModels of them
    std::optional<bool> progress;
    std::optional<bool> previews;
    std::optional<CancelWay> cancel;
    Json raw = Json::object();  // the whole answer

    bool mayTake(InputRole role) const;
    // The size that comes nearest to what is asked for, in the ratio of the sides and in area.
    PictureSize nearestSize(PictureSize wanted) const;
};

inline constexpr std::size_t kMostModels = 200;
inline constexpr std::size_t kMostSizes = 256;

// From the answer of describe; `who` names the backend in warnings.
Capabilities readCapabilities(std::string_view answer, std::string_view who);

// What is known, under the names of describe.
Json toJson(const Capabilities& capabilities);

// Asks all of them at once, each for no longer than `within` (and the grace that calls have).
void learnCapabilities(const std::vector<std::shared_ptr<Backend>>& backends,
                       std::chrono::milliseconds within);

// After a probe of the backend: asks it again when it has answered for the first time, or after it
// was away, since it may be another program by now. When it does not describe itself, what it told
// before stays.
void learnAfterProbe(Backend& backend, const CallResult& probe, std::chrono::milliseconds within);

inline constexpr std::chrono::milliseconds kDescribeTimeout{3000};

}  // namespace host::plugins
