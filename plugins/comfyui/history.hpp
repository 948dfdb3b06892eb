// What /queue and /history/{id} say of one prompt. Pure functions, thread-safe; failures are thrown
// as ipl::Error with the status that the call shall end with.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace comfyui {

inline constexpr std::size_t kMaxPictures = 16;  // of one run

// One file that /view gives.
struct RemotePicture {
    std::string filename;  // as it came: may be hostile
    std::string subfolder;
    std::string type;
};

enum class Place { Absent, Pending, Running };
struct QueuePosition {
    Place place = Place::Absent;
    std::size_t before = 0;  // prompts that run or wait before this one
};

// kBadOutput when the answer makes no sense.
QueuePosition findInQueue(std::string_view answer, const std::string& promptId);

// The history of a prompt that has ended: its pictures of those nodes (of all when the set is
// empty). Nothing while /history does not know it, which it also does not while the prompt waits or
// runs. Throws what the run ended with otherwise: kUpstream (execution error, with node; or
// interrupted by somebody), kOutOfMemory, kBadOutput (no picture).
std::optional<std::vector<RemotePicture>> picturesOf(std::string_view answer,
                                                     const std::string& promptId,
                                                     const std::set<std::string>& nodes);
// Whether the history holds that prompt, however it ended, and whether it ended well.
enum class Ended { Unknown, Well, Badly };
Ended howItEnded(std::string_view answer, const std::string& promptId);

}  // namespace comfyui
