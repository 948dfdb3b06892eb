// The trash: the hidden folder ".trash" inside the output folder, so that throwing a picture away
// and getting it back are renames on one file system. Only moves files; which rows go with them is
// somebody else's business. Thread-safe. Messages name no paths.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "store/disk/folder.hpp"

namespace host::store {

inline constexpr char kTrashFolder[] = ".trash";

class TrashFolder {
  public:
    explicit TrashFolder(const std::filesystem::path& output);

    // A name for the trash that no file there has, and from which the picture's own can be read.
    static std::string newName(const std::string& filename);
    // The picture's name out of its name in the trash; nothing when it is none that newName() gave.
    static std::optional<std::string> filenameOf(const std::string& trashFile);

    // Both are on disk when they return. NotFound when there is no such file, Validation when the
    // other name is taken.
    Status put(const std::string& filename, const std::string& trashFile);
    Status takeBack(const std::string& trashFile, const std::string& filename);
    // For good. No error when it is gone already.
    Status remove(const std::string& trashFile);

    std::string outputIdentity();                  // see JobStore::outputFolder()
    bool hasPicture(const std::string& filename);  // in the output folder
    bool has(const std::string& trashFile);
    std::filesystem::path pathOf(const std::string& trashFile) const;
    // The files in the trash with the time they were put there, until `body` gives false.
    Status forEach(const std::function<bool(const std::string& trashFile, double since)>& body);

  private:
    Status move(Folder& from, const std::string& name, Folder& to, const std::string& newName);

    Folder output_;
    Folder trash_;
};

}  // namespace host::store
