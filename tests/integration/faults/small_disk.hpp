// A small disk of a test's own, in memory: it can be filled, emptied and made read-only. Needs the
// right to mount; where that is missing mounted() is false and the test has to be skipped.
#pragma once

#include <filesystem>

namespace test {

class SmallDisk {
  public:
    // Makes the folder when it is missing.
    SmallDisk(std::filesystem::path where, int megabytes);
    ~SmallDisk();
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    bool mounted() const { return mounted_; }
    // A file takes all the room but for about so many bytes.
    void leaveFree(std::uintmax_t bytes);
    void makeRoom();
    // False when the kernel refuses, as it does while a file is open for writing.
    bool readOnly(bool on);

  private:
    std::filesystem::path ballast() const { return where_ / "ballast.bin"; }

    std::filesystem::path where_;
    bool mounted_ = false;
};

}  // namespace test
