// The words of the generation endpoint protocol: settings to address, request to JSON, answer to
// pictures. Pure functions, thread-safe; failures are thrown as ipl::Error with the status that the
// call shall end with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ipl/views.hpp"

namespace endpoint {

inline constexpr std::size_t kMaxAnswer = std::size_t{4} << 20;  // bytes of the JSON answer
inline constexpr std::size_t kMaxPictures = 8;                   // of one answer

// One picture that the machine says it made.
struct RemotePicture {
    std::string filename;  // as it came: may be hostile, may be empty
    std::optional<std::int64_t> seed;
    std::string stats;  // the whole entry, a JSON object
};

// "http://HOST:PORT" from the settings JSON. kInvalidArgument names the setting.
std::string baseUrl(std::string_view settings);

// The body of POST /generate.
std::string requestBody(const ipl::ImageRequest& request);

// The pictures of a 200 answer, at least one and at most kMaxPictures. kUpstream when the machine
// says that it failed, kBadOutput when the answer makes no sense.
std::vector<RemotePicture> parseAnswer(std::string_view body);

}  // namespace endpoint
