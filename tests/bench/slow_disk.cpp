// Preloaded into a process (LD_PRELOAD), makes every sync take SLOW_DISK_MS milliseconds longer:
// what a disk without a fast cache does. See P2.
#include <dlfcn.h>

#include <chrono>
#include <cstdlib>
#include <thread>

namespace {

using Sync = int (*)(int);

int slowly(const char* name, int file) {
    static const char* const text = std::getenv("SLOW_DISK_MS");
    std::this_thread::sleep_for(
        std::chrono::duration<double, std::milli>(text == nullptr ? 0 : std::atof(text)));
    return reinterpret_cast<Sync>(dlsym(RTLD_NEXT, name))(file);
}

}  // namespace

extern "C" int fsync(int file) {
    return slowly("fsync", file);
}

extern "C" int fdatasync(int file) {
    return slowly("fdatasync", file);
}
