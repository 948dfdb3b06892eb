// From pixels to the contract's table of sizes. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "pipeline/job_spec.hpp"

namespace host::services {

struct NamedSize {
    std::string size = "1mp";
    std::string orientation = "square";
    pipeline::PixelSize pixels{1024, 1024};
};

// The nearest to so many pixels (more than 0), by the logarithm of both sides.
NamedSize nearestSize(std::uint32_t width, std::uint32_t height);
// The nearest in shape among those of one size.
NamedSize nearestShape(std::uint32_t width, std::uint32_t height, std::string_view size = "1mp");

}  // namespace host::services
