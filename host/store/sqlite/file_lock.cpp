#include "store/sqlite/file_lock.hpp"

#include <spdlog/spdlog.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace host::store {

namespace {

std::string holderOf(int descriptor) {
    char text[32] = {};
    const ssize_t got = ::pread(descriptor, text, sizeof text - 1, 0);
    std::string pid;
    for (ssize_t i = 0; i < got && text[i] >= '0' && text[i] <= '9'; ++i) {
        pid += text[i];
    }
    return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

Result<std::unique_ptr<FileLock>> FileLock::take(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (descriptor < 0) {
        return Error{ErrorCode::Internal,
                     "cannot open " + path.string() + ": " + std::strerror(errno)};
    }
    std::unique_ptr<FileLock> lock(new FileLock(descriptor));
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            return Error{ErrorCode::Internal,
                         "cannot lock " + path.string() + ": " + std::strerror(errno)};
        }
        return Error{ErrorCode::Internal, "the database is in use by " + holderOf(descriptor) +
                                              " (it holds " + path.string() + ")"};
    }
    // Only information for people: a full disk must not keep the host from starting.
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor, 0) != 0 ||
        ::pwrite(descriptor, pid.data(), pid.size(), 0) != std::ssize(pid)) {
        spdlog::warn("cannot write the process id to {}", path.string());
    }
    return lock;
}

FileLock::~FileLock() {
    ::close(descriptor_);
}

}  // namespace host::store
