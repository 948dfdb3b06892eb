// A file that is nowhere on the disk, for parsers that read or write descriptors and paths. One
// thread.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "fuzz.hpp"

namespace fuzz {

class MemoryFile {
  public:
    explicit MemoryFile(std::string_view bytes = {}) : fd_(::memfd_create("fuzz", MFD_CLOEXEC)) {
        check(fd_ >= 0, "a file can be had");
        while (!bytes.empty()) {
            const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
            check(written > 0, "a file can be written");
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    ~MemoryFile() { ::close(fd_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    int fd() const { return fd_; }
    std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }
    std::string bytes() const {
        std::string all(static_cast<std::size_t>(::lseek(fd_, 0, SEEK_END)), '\0');
        const ssize_t got = ::pread(fd_, all.data(), all.size(), 0);
        check(got == static_cast<ssize_t>(all.size()), "a file can be read");
        return all;
    }

  private:
    int fd_;
};

}  // namespace fuzz
