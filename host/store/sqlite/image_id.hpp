// The row id of a picture carries its time, so that the full-text index, which gives its hits by
// row id, gives the newest first: the milliseconds since the epoch in the upper bits, a number that
// tells pictures of the same millisecond apart in the lower ones.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace host::store {

inline constexpr std::int64_t kImageIdsPerMoment = std::int64_t{1} << 21;

// The lowest id of pictures of that time. Times before 1970 and after 2109 count as these.
inline std::int64_t imageIdBase(double mtime) {
    constexpr double kLastMoment = 4398046511102.0;  // 2^42 - 2
    const double moment = std::isfinite(mtime) ? std::floor(mtime * 1000.0) : 0.0;
    return static_cast<std::int64_t>(std::clamp(moment, 0.0, kLastMoment)) * kImageIdsPerMoment;
}

}  // namespace host::store
