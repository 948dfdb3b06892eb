// Keeps a second host away from the same database: an flock on a file of its own beside it. The
// kernel releases it when the process dies, however it dies. Threads: one at a time.
#pragma once

#include <filesystem>
#include <memory>

#include "support/error.hpp"

namespace host::store {

class FileLock {
  public:
    // Takes the lock without waiting. When another process holds it, the error names its id.
    static Result<std::unique_ptr<FileLock>> take(const std::filesystem::path& path);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

  private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace host::store
