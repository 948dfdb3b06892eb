// Preloaded into a process: the folder named by IPL_READ_ONLY_FOLDER is read-only, also for files
// that are open already, while there is a file beside it with ".read-only" behind its name. So a
// disk behaves that the kernel makes read-only after an error; a remount refuses that while files
// are open for writing.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

const std::string& folder() {
    static const std::string name = [] {
        const char* value = std::getenv("IPL_READ_ONLY_FOLDER");
        return std::string(value == nullptr ? "" : value);
    }();
    return name;
}

bool isOn() {
    static const std::string flag = folder() + ".read-only";
    struct stat info {};
    return !folder().empty() && ::stat(flag.c_str(), &info) == 0;
}

bool isInside(std::string_view path) {
    return path.size() > folder().size() && path.starts_with(folder()) &&
           path[folder().size()] == '/';
}

bool refuses(int file) {
    const int before = errno;
    bool inside = false;
    if (isOn()) {
        std::array<char, 4096> path{};
        const std::string link = "/proc/self/fd/" + std::to_string(file);
        const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
        inside = size > 0 && isInside({path.data(), static_cast<std::size_t>(size)});
    }
    errno = inside ? EROFS : before;
    return inside;
}

bool refuses(const char* path) {
    const int before = errno;
    const bool inside = isOn() && isInside(path);
    errno = inside ? EROFS : before;
    return inside;
}

bool writes(int flags) {
    return (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0;
}

template <typename Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

int openAny(const char* name, const char* path, int flags, mode_t mode) {
    if (writes(flags) && refuses(path)) return -1;
    return next<int(const char*, int, ...)>(name)(path, flags, mode);
}

mode_t modeOf(int flags, va_list rest) {
    return (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = modeOf(flags, rest);
    va_end(rest);
    return openAny("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = modeOf(flags, rest);
    va_end(rest);
    return openAny("open64", path, flags, mode);
}

ssize_t write(int file, const void* bytes, size_t size) {
    if (refuses(file)) return -1;
    static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
    return real(file, bytes, size);
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
    if (refuses(file)) return -1;
    static auto* const real = next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
    return real(file, bytes, size, at);
}

int ftruncate64(int file, off64_t size) noexcept {
    if (refuses(file)) return -1;
    return next<int(int, off64_t)>("ftruncate64")(file, size);
}

int access(const char* path, int mode) noexcept {
    if ((mode & W_OK) != 0 && refuses(path)) return -1;
    return next<int(const char*, int)>("access")(path, mode);
}

int unlink(const char* path) noexcept {
    if (refuses(path)) return -1;
    return next<int(const char*)>("unlink")(path);
}

}  // extern "C"
