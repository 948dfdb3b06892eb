#include "config/load.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

#include "config/document.hpp"
#include "config/resolve.hpp"
#include "config/schema.hpp"
#include "config/schema_text.hpp"

namespace host::config {

namespace {

constexpr std::size_t kMaxFaults = 100;

// The file's text, or what is wrong with the file.
Result<std::string> readText(const std::filesystem::path& file) {
    const auto refuse = [](std::string message) { return Error{.message = std::move(message)}; };
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    if (status.type() == std::filesystem::file_type::not_found) {
        return refuse("found no such file, expected the configuration here");
    }
    if (error) return refuse("cannot be read: " + error.message());
    if (std::filesystem::is_directory(status)) return refuse("found a folder, expected a file");
    if (!std::filesystem::is_regular_file(status)) {
        return refuse("found something that is no ordinary file");
    }
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    if (!in) return refuse("cannot be read: " + std::generic_category().message(errno));
    std::string text(kMaxConfigBytes + 1, '\0');  // one more, to see that it is too large
    in.read(text.data(), std::ssize(text));
    if (in.bad()) return refuse("cannot be read to its end");
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

// Takes the value at a JSON pointer out of `root`. Items of a list become null, so that the others
// keep their places.
void takeOut(Json& root, const std::string& pointer) {
    const Json::json_pointer place(pointer);
    if (place.empty()) {
        root = Json::object();
        return;
    }
    if (!root.contains(place)) return;
    Json& parent = root[place.parent_pointer()];
    if (parent.is_array()) {
        root[place] = nullptr;
    } else {
        parent.erase(place.back());
    }
}

int nearestLine(const LineMap& lines, std::string_view pointer) {
    while (true) {
        const auto at = lines.find(pointer);
        if (at != lines.end()) return at->second;
        if (pointer.empty()) return 0;
        const std::size_t slash = pointer.rfind('/');
        pointer = pointer.substr(0, slash == std::string_view::npos ? 0 : slash);
    }
}

void fillLines(LoadResult& result) {
    const auto fill = [&result](PluginUse& use) {
        if (!use.pointer.empty()) use.line = result.lineOf(use.pointer);
    };
    fill(result.settings.prompt);
    if (result.settings.vision) fill(*result.settings.vision);
    for (EndpointSettings& endpoint : result.settings.endpoints)
        fill(endpoint);
}

void bringIntoOrder(LoadResult& result) {
    for (Fault& fault : result.faults) {
        if (fault.line == 0) fault.line = nearestLine(result.lines, fault.pointer);
    }
    // Faults before warnings where only some of them can be shown.
    std::vector<Fault>& all = result.faults;
    if (all.size() > kMaxFaults) {
        std::stable_sort(all.begin(), all.end(),
                         [](const Fault& a, const Fault& b) { return a.warning < b.warning; });
        const std::size_t more = all.size() - kMaxFaults;
        const bool warning = all[kMaxFaults].warning;
        all.resize(kMaxFaults);
        all.push_back(
            {0, "", "found " + std::to_string(more) + " more that are not listed", warning});
    }
    const auto lineOrder = [](const Fault& a, const Fault& b) { return a.line < b.line; };
    std::stable_sort(all.begin(), all.end(), lineOrder);
}

}  // namespace

bool LoadResult::ok() const {
    return std::all_of(faults.begin(), faults.end(), [](const Fault& f) { return f.warning; });
}

int LoadResult::lineOf(std::string_view pointer) const {
    return nearestLine(lines, pointer);
}

const Json& configSchema() {
    static const Json schema = Json::parse(kConfigSchemaText);
    return schema;
}

LoadResult load(const std::filesystem::path& file) {
    LoadResult result;
    const Result<std::string> text = readText(file);
    if (!text) {
        result.faults.push_back({0, "", text.error().message, false});
        return result;
    }
    Document document = parseDocument(*text);
    result.lines = std::move(document.lines);
    result.faults = std::move(document.faults);
    if (document.root) {
        Json given = *document.root;
        for (SettingsFault& fault : validateSettings(configSchema(), *document.root, "")) {
            if (!fault.warning) takeOut(given, fault.pointer);
            if (fault.pointer.ends_with("/isolation")) {
                fault.message += " (another process is not available in this version)";
            }
            result.faults.push_back({0, fault.pointer, fault.message, fault.warning});
        }
        result.settings = resolve(given, file, result.faults);
        fillLines(result);
    }
    bringIntoOrder(result);
    return result;
}

}  // namespace host::config
