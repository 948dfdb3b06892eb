// Whether this build carries a sanitizer: it needs memory and time of its own, and takes no
// preloaded libraries.
#pragma once

namespace test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
inline constexpr bool kSanitized =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

// A factor for bounds on time, and for what has to take longer than a few requests.
inline constexpr double kSlower = kSanitized ? 4 : 1;

}  // namespace test
