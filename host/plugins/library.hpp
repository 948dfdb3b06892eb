// Plugin libraries in this process. A library that was loaded stays loaded until the process ends:
// unloading code that may still run, or whose state the dynamic linker keeps, cannot be made safe.
// A new build of a plugin therefore needs a restart. Threads: open, shutDownAll and
// Library::interfaces on the loader thread; the rest is immutable.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "plugins/entry.hpp"
#include "plugins/host_context.hpp"

namespace host::plugins {

class Library {
  public:
    // Loads the file, checks its entry, calls init (once per process and plugin) and asks for the
    // interfaces. The same file gives the same object. The error says what is wrong, with the
    // dynamic linker's own words where it has any.
    static Result<Library*> open(const std::filesystem::path& file, const HostServices& services);

    // The check of the file alone that needs no loading: it exists and is a regular file.
    static Status checkFile(const std::filesystem::path& file);

    const EntryInfo& info() const { return info_; }
    const Interfaces& interfaces() const { return interfaces_; }
    const std::filesystem::path& file() const { return file_; }

    // Calls deinit, once. Not while an instance of it exists.
    void deinit();

  private:
    Library() = default;

    std::filesystem::path file_;
    ipl_entry entry_{};
    EntryInfo info_;
    Interfaces interfaces_;
    std::shared_ptr<HostContext> context_;
    bool deinited_ = false;
};

}  // namespace host::plugins
