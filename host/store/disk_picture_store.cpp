#include "store/disk_picture_store.hpp"

#include <spdlog/spdlog.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "store/disk/folder.hpp"
#include "store/disk/incoming_file.hpp"
#include "support/ids.hpp"
#include "support/text.hpp"

namespace host::store {

namespace {

namespace fs = std::filesystem;

// Names come back from the database: nothing but a plain file of the folder may be reached.
bool isPlainName(const std::string& name) {
    return !name.empty() && name[0] != '.' && name.find('/') == std::string::npos &&
           name.find('\0') == std::string::npos;
}

class DiskPictureStore final : public PictureStore {
  public:
    DiskPictureStore(const fs::path& output, const fs::path& inputs, PictureStoreOptions options)
        : output_(std::make_shared<Folder>(output)),
          inputs_(std::make_shared<Folder>(inputs)),
          names_(std::make_shared<PlannedNames>()),
          options_(options) {}

    Status openFolders() {
        for (Folder* folder : {output_.get(), inputs_.get()}) {
            const auto opened = folder->open();
            if (opened) continue;
            Error error = opened.error();
            error.message = folder->path().string() + ": " + error.message;
            return error;
        }
        return Unit{};
    }

    Result<std::unique_ptr<IncomingPicture>> receive() override {
        return IncomingFile::create(output_, names_, options_.maxPictureBytes);
    }

    bool isOnItsWay(const std::string& name) const override { return names_->has(name); }

    void removePlanned(const PlannedFile& file) override {
        if (!isPlainName(file.name)) return;
        const auto folder = output_->open();
        if (!folder) return;
        const int at = (*folder)->number();
        struct stat facts = {};
        if (::fstatat(at, file.name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) return;
        if (facts.st_ino != file.inode || !S_ISREG(facts.st_mode)) return;
        if (::unlinkat(at, file.name.c_str(), 0) != 0) {
            spdlog::warn("a left-over picture cannot be removed: {}", file.name);
        }
    }

    Result<std::string> saveInput(const std::string& jobId, std::string_view bytes,
                                  std::string_view extension) override {
        const auto folder = inputs_->open();
        if (!folder) return folder.error();
        std::string part;
        auto file = createPart(**folder, part);
        if (!file) return file.error();
        // Not the job's id alone: an id that is taken already has a picture of its own.
        const std::string name =
            safeFileName(jobId + "-" + randomHex(4) + std::string(extension), 100);
        Status done = writeAll(**file, bytes);
        if (done) done = syncToDisk(**file);
        if (done) done = renameNew(**folder, part, name);
        if (!done) {
            ::unlinkat((*folder)->number(), part.c_str(), 0);
            return done.error();
        }
        if (Status synced = syncToDisk(**folder); !synced) {
            ::unlinkat((*folder)->number(), name.c_str(), 0);
            return synced.error();
        }
        return name;
    }

    Result<std::string> loadInput(const std::string& name) override {
        const Error missing{ErrorCode::NotFound, "the job's input picture is not there any more"};
        if (!isPlainName(name)) return missing;
        const auto folder = inputs_->open();
        if (!folder) return folder.error();
        const Descriptor file(
            ::openat((*folder)->number(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (file.number() < 0) {
            if (errno == ENOENT || errno == ELOOP) return missing;
            return diskError("the job's input picture cannot be read", errno);
        }
        return readAll(file);
    }

    void removeInput(const std::string& name) override {
        if (!isPlainName(name)) return;
        const auto folder = inputs_->open();
        if (folder) ::unlinkat((*folder)->number(), name.c_str(), 0);
    }

    void sweep(const std::function<bool(const std::string&)>& keep) override {
        sweepFolder(output_->path(), {});
        sweepFolder(inputs_->path(), keep);
    }

    const fs::path& outputDirectory() const override { return output_->path(); }

  private:
    Result<std::string> readAll(const Descriptor& file) const {
        struct stat facts = {};
        if (::fstat(file.number(), &facts) != 0) {
            return diskError("the job's input picture cannot be read", errno);
        }
        if (!S_ISREG(facts.st_mode) ||
            static_cast<std::uint64_t>(facts.st_size) > options_.maxInputBytes) {
            return Error{ErrorCode::Internal, "the job's input picture is no file of ours"};
        }
        std::string bytes(static_cast<std::size_t>(facts.st_size), '\0');
        std::size_t have = 0;
        while (have < bytes.size()) {
            const ssize_t got = ::read(file.number(), bytes.data() + have, bytes.size() - have);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) {
                return diskError("the job's input picture cannot be read", got < 0 ? errno : EIO);
            }
            have += static_cast<std::size_t>(got);
        }
        return bytes;
    }

    const std::shared_ptr<Folder> output_;
    const std::shared_ptr<Folder> inputs_;
    const std::shared_ptr<PlannedNames> names_;
    const PictureStoreOptions options_;
};

}  // namespace

fs::path inputDirectoryFor(const fs::path& database) {
    return database.parent_path() / (database.stem().string() + "-data") / "inputs";
}

Result<std::unique_ptr<PictureStore>> openDiskPictureStore(const fs::path& outputDirectory,
                                                           const fs::path& inputDirectory,
                                                           const PictureStoreOptions& options) {
    auto store = std::make_unique<DiskPictureStore>(outputDirectory, inputDirectory, options);
    if (Status opened = store->openFolders(); !opened) return opened.error();
    return std::unique_ptr<PictureStore>(std::move(store));
}

}  // namespace host::store
