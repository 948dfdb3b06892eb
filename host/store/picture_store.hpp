// Pictures on disk. A picture's bytes go to a hidden temporary file in the output folder, are
// checked to be a picture, synced, and take their final name only after that name was written down
// in the item's row (PlannedFile). Also keeps the input pictures of jobs, in a folder beside the
// database. Threads: thread-safe; one IncomingPicture belongs to one thread at a time. Errors name
// no paths.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "imaging/stamp.hpp"
#include "store/records.hpp"

namespace host::store {

struct PictureFacts {
    std::string mime;
    std::string extension;  // ".png", ".jpg", ".webp", ".gif": from the bytes
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint64_t size = 0;
    double mtime = 0;
};

// Gives what is to be written into a picture, once it is known what that is.
using StampFor = std::function<imaging::Stamp(const PictureFacts&)>;

// A picture that is being received. Destroyed before place(), its file is removed.
class IncomingPicture {
  public:
    virtual ~IncomingPicture() = default;
    // Fails with InvalidImageFormat as soon as the first bytes are no picture's, ImageTooLarge over
    // the bound, RefusingWork when the disk is full, Internal for another disk error.
    virtual Status write(std::span<const std::byte> bytes) = 0;
    // All bytes are there: checks the picture's header and end, writes the stamp that `stampFor`
    // gives into it, syncs the file. A picture that cannot be stamped stays as it came. The facts
    // are those of the file as it is kept.
    virtual Result<PictureFacts> finish(const StampFor& stampFor = {}) = 0;
    // Reserves a free final name made of `stem` (already safe) and the true extension.
    virtual Result<PlannedFile> planName(const std::string& stem) = 0;
    // Takes the planned name, never replacing a file, and syncs the folder. When somebody took the
    // name in between: ErrorCode::Validation; plan another.
    virtual Status place() = 0;
};

class PictureStore {
  public:
    virtual ~PictureStore() = default;

    virtual Result<std::unique_ptr<IncomingPicture>> receive() = 0;
    // Whether a picture that was received has that name or is about to take it, and its
    // IncomingPicture lives: its row may not be written yet.
    virtual bool isOnItsWay(const std::string& name) const = 0;
    // Removes a file that was placed but whose transaction never came; only if the inode matches.
    virtual void removePlanned(const PlannedFile& file) = 0;

    // Durable when it returns. Gives the name for JobRow::inputFile.
    virtual Result<std::string> saveInput(const std::string& jobId, std::string_view bytes,
                                          std::string_view extension) = 0;
    virtual Result<std::string> loadInput(const std::string& name) = 0;
    virtual void removeInput(const std::string& name) = 0;
    // At start: drops temporary files, and inputs whose job `keep` does not know.
    virtual void sweep(const std::function<bool(const std::string& inputName)>& keep) = 0;

    virtual const std::filesystem::path& outputDirectory() const = 0;
};

}  // namespace host::store
