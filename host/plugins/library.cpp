#include "plugins/library.hpp"

#include <boost/dll/shared_library.hpp>
#include <map>

#include "plugins/call.hpp"
#include "support/sync.hpp"

namespace host::plugins {

namespace {

namespace fs = std::filesystem;

Error fault(std::string message) {
    return {ErrorCode::Validation, std::move(message)};
}

// One file loaded by the dynamic linker, with the plugin in it when that passed its checks.
struct Loaded {
    boost::dll::shared_library handle;
    std::unique_ptr<Library> library;
};

// Leaked on purpose: nothing is ever unloaded, not even when the process ends.
struct Registry {
    Mutex mutex;  // held while the dynamic linker works, never across a plugin's function
    std::map<fs::path, Loaded> files IPL_GUARDED_BY(mutex);
};

Registry& registry() {
    static auto* const all = new Registry;
    return *all;
}

std::string statusText(ipl_status status) {
    return std::string(statusName(static_cast<CallStatus>(status)));
}

// The entry inside a loaded library, or why there is none.
Result<const ipl_entry*> findEntry(const boost::dll::shared_library& handle) {
    if (handle.has(IPL_ENTRY_SYMBOL)) return &handle.get<const ipl_entry>(IPL_ENTRY_SYMBOL);
    for (int major = 1; major <= 9; ++major) {
        if (handle.has("ipl_entry_v" + std::to_string(major))) {
            return fault("it speaks version " + std::to_string(major) +
                         " of the plugin ABI, this host speaks version " +
                         std::to_string(IPL_ABI_MAJOR));
        }
    }
    return fault("it is a library, but no plugin: it does not export " IPL_ENTRY_SYMBOL);
}

}  // namespace

Status Library::checkFile(const fs::path& file) {
    std::error_code error;
    const fs::file_status status = fs::status(file, error);
    if (error) return fault(error.message());
    if (fs::is_directory(status)) return fault("it is a folder, not a library");
    if (!fs::is_regular_file(status)) return fault("it is no regular file");
    return Unit{};
}

Result<Library*> Library::open(const fs::path& file, const HostServices& services) {
    if (auto status = checkFile(file); !status) return status.error();
    const fs::path path = fs::canonical(file);
    Registry& all = registry();
    const ipl_entry* raw = nullptr;
    {
        MutexLock lock(all.mutex);
        Loaded& loaded = all.files[path];
        if (loaded.library && !loaded.library->deinited_) return loaded.library.get();
        try {
            using boost::dll::load_mode::type;
            // Everything resolved at once: a missing symbol must show here, not in the first call.
            if (!loaded.handle.is_loaded()) {
                loaded.handle.load(path, type::rtld_now | type::rtld_local);
            }
            auto found = findEntry(loaded.handle);
            if (!found) return found.error();
            raw = *found;
        } catch (const std::exception& error) {
            return fault(std::string("it cannot be loaded: ") + error.what());
        }
    }
    auto entry = checkEntry(raw);
    if (!entry) return entry.error();
    auto info = describeEntry(*entry);
    if (!info) return info.error();

    std::unique_ptr<Library> library(new Library);
    library->file_ = path;
    library->entry_ = *entry;
    library->info_ = std::move(*info);
    library->context_ =
        std::make_shared<HostContext>(library->info_.id, "", Json::object(), services);
    if (entry->init != nullptr) {
        const ipl_status status = entry->init(library->context_->abi());
        if (status != IPL_OK) return fault("its init failed with " + statusText(status));
    }
    auto interfaces = checkInterfaces(*entry, library->info_);
    if (!interfaces) return interfaces.error();
    library->interfaces_ = *interfaces;
    MutexLock lock(all.mutex);
    Loaded& loaded = all.files[path];
    if (loaded.library) {
        // Loaded again after a deinit: who still holds the old object keeps a valid one.
        static auto* const old = new std::vector<std::unique_ptr<Library>>;
        old->push_back(std::move(loaded.library));
    }
    loaded.library = std::move(library);
    return loaded.library.get();
}

void Library::deinit() {
    if (deinited_) return;
    deinited_ = true;
    if (entry_.deinit != nullptr) entry_.deinit();
}

}  // namespace host::plugins
