#include "plugins/scan_cache.hpp"

#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "ipl/ipl.h"
#include "support/version.hpp"

namespace host::plugins {

namespace {

constexpr std::uintmax_t kMaxFile = 16 * 1024 * 1024;
constexpr std::size_t kMaxPlugins = 1000;

std::string versions() {
    return std::string(kVersion) + " abi " + std::to_string(IPL_ABI_MAJOR) + "." +
           std::to_string(IPL_ABI_MINOR);
}

}  // namespace

std::string ScanCache::stampOf(const std::filesystem::path& plugin) {
    struct stat status {};
    if (::stat(plugin.c_str(), &status) != 0) return {};
    const auto nanoseconds = [](const timespec& time) {
        return std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec);
    };
    return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) + ":" +
           std::to_string(status.st_size) + ":" + nanoseconds(status.st_mtim) + ":" +
           nanoseconds(status.st_ctim);
}

ScanCache::ScanCache(std::filesystem::path file) : file_(std::move(file)) {
    std::error_code error;
    if (file_.empty() || std::filesystem::file_size(file_, error) > kMaxFile || error) return;
    std::ifstream in(file_, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    const Json json = Json::parse(text.str(), nullptr, false);
    if (!json.is_object() || json.value("versions", Json()) != Json(versions())) return;
    const auto plugins = json.find("plugins");
    if (plugins == json.end() || !plugins->is_object()) return;
    for (const auto& [path, kept] : plugins->items()) {
        if (!kept.is_object() || !kept.contains("stamp") || !kept["stamp"].is_string()) continue;
        auto info = entryInfoFromJson(kept.value("info", Json()));
        if (info) plugins_[path] = {kept["stamp"].get<std::string>(), std::move(*info)};
    }
}

std::optional<EntryInfo> ScanCache::find(const std::filesystem::path& plugin) const {
    const auto found = plugins_.find(plugin.string());
    if (found == plugins_.end() || found->second.stamp != stampOf(plugin)) return std::nullopt;
    return found->second.info;
}

void ScanCache::put(const std::filesystem::path& plugin, const std::string& stamp,
                    const EntryInfo& info) {
    if (stamp.empty() || plugins_.size() >= kMaxPlugins) return;
    plugins_[plugin.string()] = {stamp, info};
    changed_ = true;
}

void ScanCache::save() {
    if (file_.empty() || !changed_) return;
    Json plugins = Json::object();
    for (const auto& [path, kept] : plugins_) {
        if (stampOf(path) != kept.stamp) continue;
        plugins[path] = {{"stamp", kept.stamp}, {"info", toJson(kept.info)}};
    }
    const Json json = {{"versions", versions()}, {"plugins", plugins}};
    const std::filesystem::path fresh = file_.string() + "." + std::to_string(::getpid()) + ".new";
    bool written = false;
    {
        std::ofstream out(fresh, std::ios::binary);
        out << json.dump(1, ' ', false, Json::error_handler_t::replace) << "\n";
        out.flush();
        written = out.good();
    }
    std::error_code error;
    if (written) std::filesystem::rename(fresh, file_, error);
    if (!written || error) {
        std::filesystem::remove(fresh, error);
        spdlog::warn("the verdicts of the plugin scan cannot be kept in {}", file_.string());
    }
    changed_ = false;
}

}  // namespace host::plugins
