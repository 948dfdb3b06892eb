#include "plugins/locate.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "config/schema.hpp"

namespace host::plugins {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFilesPerFolder = 500;

Error fault(std::string message) {
    return {ErrorCode::Validation, std::move(message)};
}

// `<id>.so`, whatever it is: a folder or a dead link of that name is worth a fault of its own.
fs::path fileNamedAfter(const std::string& id, const std::vector<fs::path>& folders) {
    for (const fs::path& folder : folders) {
        std::error_code error;
        fs::path file = folder / (id + ".so");
        const fs::file_status status = fs::symlink_status(file, error);
        if (status.type() != fs::file_type::not_found && status.type() != fs::file_type::none) {
            return file;
        }
    }
    return {};
}

std::vector<fs::path> librariesIn(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        if (at->path().extension() == ".so") files.push_back(at->path());
        if (files.size() >= kMaxFilesPerFolder) break;
    }
    std::sort(files.begin(), files.end());
    return files;
}

// Everything that the folders offer: id -> files, of the first folder that has the id.
struct Catalogue {
    std::map<std::string, std::vector<LocatedPlugin>> plugins;

    Catalogue(const std::vector<fs::path>& folders, const ScanOptions& options) {
        std::vector<fs::path> all;
        for (const fs::path& folder : folders) {
            const auto files = librariesIn(folder);
            all.insert(all.end(), files.begin(), files.end());
        }
        const Verdicts verdicts = scanFiles(all, options);
        for (const fs::path& file : all) {
            const auto& verdict = verdicts.at(file);
            if (!verdict) {
                spdlog::info("{} is no usable plugin: {}", file.string(), verdict.error().message);
                continue;
            }
            auto& same = plugins[verdict->id];
            if (!same.empty() && same[0].file.parent_path() != file.parent_path()) continue;
            same.push_back({file, *verdict});
        }
    }

    Result<LocatedPlugin> find(const std::string& id) const {
        const auto found = plugins.find(id);
        if (found == plugins.end()) return fault(unknown(id));
        if (found->second.size() == 1) return found->second[0];
        std::string files;
        for (const LocatedPlugin& plugin : found->second) {
            files += (files.empty() ? "" : " and ") + plugin.file.string();
        }
        return fault("several plugins call themselves \"" + id + "\": " + files);
    }

    std::string unknown(const std::string& id) const {
        std::vector<std::string_view> names;
        std::string list;
        for (const auto& [name, files] : plugins) {
            names.push_back(name);
            list += (list.empty() ? "" : ", ") + name;
        }
        const std::string_view near = config::nearestName(id, names);
        std::string text = "there is no plugin \"" + id + "\"";
        if (!near.empty()) text += "; did you mean \"" + std::string(near) + "\"?";
        return text + (list.empty() ? "; no plugins were found at all" : " Known are: " + list);
    }
};

}  // namespace

std::map<std::string, Result<LocatedPlugin>> locatePlugins(const std::set<std::string>& ids,
                                                           const std::vector<fs::path>& folders,
                                                           const ScanOptions& options) {
    std::map<std::string, Result<LocatedPlugin>> located;
    std::map<std::string, fs::path> named;
    std::set<std::string> unnamed;
    std::vector<fs::path> files;
    for (const std::string& id : ids) {
        const fs::path file = isPluginId(id) ? fileNamedAfter(id, folders) : fs::path();
        if (file.empty()) {
            unnamed.insert(id);
        } else {
            named.emplace(id, file);
            files.push_back(file);
        }
    }
    const Verdicts verdicts = scanFiles(files, options);
    for (const auto& [id, file] : named) {
        const auto& verdict = verdicts.at(file);
        if (!verdict) {
            located.emplace(id, fault("the plugin " + file.string() +
                                      " cannot be used: " + verdict.error().message));
        } else if (verdict->id != id) {
            located.emplace(id, fault("the plugin " + file.string() + " calls itself \"" +
                                      verdict->id + "\", not \"" + id + "\""));
        } else {
            located.emplace(id, LocatedPlugin{file, *verdict});
        }
    }
    if (unnamed.empty()) return located;
    const Catalogue catalogue(folders, options);
    for (const std::string& id : unnamed)
        located.emplace(id, catalogue.find(id));
    return located;
}

fs::path shippedPluginFolder(const fs::path& executable) {
    const fs::path above = executable.parent_path().parent_path();
    std::error_code error;
    if (fs::is_directory(above / "plugins", error)) return above / "plugins";
    return above / "lib" / "image-pipeline" / "plugins";
}

fs::path thisExecutable() {
    std::error_code error;
    return fs::read_symlink("/proc/self/exe", error);
}

}  // namespace host::plugins
