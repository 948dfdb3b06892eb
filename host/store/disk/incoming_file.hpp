// IncomingPicture as a file in the output folder. See picture_store.hpp.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "store/disk/folder.hpp"
#include "store/picture_store.hpp"

namespace host::store {

// Final names that are planned, for as long as their IncomingFile lives: until the rows of their
// pictures are written. Thread-safe.
class PlannedNames {
  public:
    bool reserve(const std::string& name);  // false when it is taken
    void release(const std::string& name);
    bool has(const std::string& name) const;

  private:
    mutable Mutex mutex_;
    std::set<std::string> names_ IPL_GUARDED_BY(mutex_);
};

class IncomingFile final : public IncomingPicture {
  public:
    static Result<std::unique_ptr<IncomingPicture>> create(std::shared_ptr<Folder> folder,
                                                           std::shared_ptr<PlannedNames> names,
                                                           std::uint64_t maxBytes);
    ~IncomingFile() override;

    Status write(std::span<const std::byte> bytes) override;
    Result<PictureFacts> finish(const StampFor& stampFor) override;
    Result<PlannedFile> planName(const std::string& stem) override;
    Status place() override;

  private:
    IncomingFile() = default;
    Result<PictureFacts> check();
    void stamp(const imaging::Stamp& stamp);
    bool isFree(const std::string& name) const;

    std::shared_ptr<Folder> folder_;
    std::shared_ptr<PlannedNames> names_;
    std::uint64_t maxBytes_ = 0;

    SharedDescriptor place_;  // the folder the file was made in
    SharedDescriptor file_;
    std::string partName_;  // empty when there is no such file any more
    std::string start_;     // the first bytes, until they have shown that this is a picture
    bool recognized_ = false;
    std::uint64_t size_ = 0;
    std::string extension_;  // set by finish()
    std::string planned_;
};

}  // namespace host::store
