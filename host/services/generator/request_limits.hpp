// What POST /api/v1/generate accepts: the one place that its validation reads and that
// GET /api/v1/limits tells forms about. Constants and pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "config/settings.hpp"
#include "pipeline/job_spec.hpp"
#include "support/error.hpp"
#include "support/image_info.hpp"

namespace host::services {

template <typename Number>
struct Range {
    Number min;
    Number max;  // inclusive
    constexpr bool holds(double value) const {
        return value >= static_cast<double>(min) && value <= static_cast<double>(max);
    }
};

inline constexpr std::size_t kMaxPictureBytes = 10 * 1024 * 1024;
inline constexpr std::size_t kMaxPromptCharacters = 10'000;
inline constexpr Range<int> kPriorities{-10, 10};
inline constexpr Range<std::int64_t> kSeeds{0, pipeline::kSeedSpan - 1};
inline constexpr Range<double> kStrengths{0, 1};
inline constexpr Range<double> kGuidanceScales{0, 1000};
inline constexpr std::array<std::string_view, 2> kPromptModes{"same", "different"};
inline constexpr std::array<std::string_view, 2> kTargets{"all", "any"};
inline constexpr std::array kPictureFormats{ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Webp,
                                            ImageFormat::Gif};

// The answer of GET /api/v1/limits.
Json limitsJson(const config::Settings& settings);

}  // namespace host::services
