// Memory that nothing points to any more, looked for at a moment of the program's choosing: a
// process that ends by _exit() passes by the check that AddressSanitizer makes at exit. A report
// goes to standard error and ends the process with a code that is not 0. Nothing in other builds.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define IPL_CHECKS_LEAKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IPL_CHECKS_LEAKS 1
#endif
#endif

#ifdef IPL_CHECKS_LEAKS
#include <sanitizer/lsan_interface.h>
#endif

namespace host {

// Other threads may run: what they and living objects still use is no leak. Not twice.
inline void checkForLeaks() {
#ifdef IPL_CHECKS_LEAKS
    __lsan_do_leak_check();
#endif
}

}  // namespace host
