// What servers of the family answer, read without trusting a byte of it. Pure functions,
// thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ipl/error.hpp"

namespace a1111 {

// An answer holds a picture of the host's largest size in base64 with room to spare.
inline constexpr std::uint64_t kMaxAnswer = std::uint64_t{128} << 20;

// Bytes of a picture of the work so far: as large as the finished one at most.
inline constexpr std::size_t kMaxPreview = std::size_t{16} << 20;

struct Drawn {
    std::string bytes;
    std::optional<std::int64_t> seed;
};

struct Answer {
    std::vector<Drawn> pictures;  // at least one
    std::string stats;      // a JSON object: sampler, model and so on, as far as they were told
    std::string timestamp;  // by which /sdapi/v1/progress names the drawing; empty = not told
};

// Of a 200 answer. Throws Error kBadOutput when no picture is in it: some of the family say 200 and
// send none.
Answer readAnswer(std::string_view body);

// The Error of an answer that is no success, in any of the family's shapes.
ipl::Error failureOf(int status, std::string_view body, std::optional<std::string_view> retryAfter);

// What became of a task, from /internal/progress or, with less in it, from /sdapi/v1/progress.
struct Progress {
    enum class State { Unknown, Queued, Active, Ended };
    State state = State::Unknown;
    double fraction = -1;  // 0..1, below 0 when not told
    std::uint32_t step = 0;
    std::uint32_t steps = 0;
    std::string preview;  // bytes of a picture, or empty
    std::int64_t previewId = -1;
    // Of /sdapi/v1/progress alone: which drawing it speaks of, also after its end, and whether
    // somebody interrupted or skipped it.
    std::string timestamp;
    bool stopped = false;
};

// Nothing when it is not such an answer.
std::optional<Progress> readTaskProgress(std::string_view body);
std::optional<Progress> readGlobalProgress(std::string_view body);

}  // namespace a1111
