#include "integration/faults/small_disk.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace test {

namespace fs = std::filesystem;

SmallDisk::SmallDisk(fs::path where, int megabytes) : where_(std::move(where)) {
    fs::create_directories(where_);
    const std::string options = "size=" + std::to_string(megabytes) + "m";
    mounted_ = ::mount("none", where_.c_str(), "tmpfs", 0, options.c_str()) == 0;
}

SmallDisk::~SmallDisk() {
    if (mounted_) ::umount2(where_.c_str(), MNT_DETACH);
}

void SmallDisk::leaveFree(std::uintmax_t bytes) {
    makeRoom();
    const std::uintmax_t free = fs::space(where_).available;
    const int file = ::open(ballast().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return;
    if (free > bytes) {
        [[maybe_unused]] const int full =
            ::posix_fallocate(file, 0, static_cast<off_t>(free - bytes));
    }
    ::close(file);
}

void SmallDisk::makeRoom() {
    fs::remove(ballast());
}

bool SmallDisk::readOnly(bool on) {
    return ::mount("none", where_.c_str(), nullptr, MS_REMOUNT | (on ? MS_RDONLY : 0UL), nullptr) ==
           0;
}

}  // namespace test
