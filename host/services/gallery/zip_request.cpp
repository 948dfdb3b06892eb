#include "services/gallery/zip_request.hpp"

#include <set>
#include <unordered_map>

#include "services/generator/raw_fields.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

constexpr std::size_t kMost = 1000;

// "boat.png" becomes "boat-2.png" when there is a "Boat.png" already.
std::string uniqueName(const std::string& filename, std::set<std::string>& taken) {
    const std::size_t dot = std::min(filename.rfind('.'), filename.size());
    std::string name = filename;
    for (std::size_t i = 2; !taken.insert(toLower(name)).second; ++i) {
        name = filename.substr(0, dot) + "-" + std::to_string(i) + filename.substr(dot);
    }
    return name;
}

Result<std::vector<std::string>> readNames(const http::Request& request) {
    auto fields = readFields(request, {"filenames"});
    if (!fields) return fields.error();
    const auto field = fields->values.find("filenames");
    if (field == fields->values.end()) return validationError({{"filenames", "is required"}});
    Json& list = field->second;
    if (fields->isForm && list.is_string()) list = Json::array({std::move(list)});
    if (!list.is_array() || list.empty() || list.size() > kMost) {
        return validationError(
            {{"filenames", "must be a list of 1 to " + std::to_string(kMost) + " file names"}});
    }
    std::vector<std::string> names;
    std::vector<std::pair<std::string, std::string>> faults;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].is_string()) {
            names.push_back(list[i].get<std::string>());
        } else {
            faults.emplace_back("filenames[" + std::to_string(i) + "]", "must be a file name");
        }
    }
    if (!faults.empty()) return validationError(faults);
    return names;
}

}  // namespace

Result<std::vector<ZipPicture>> readZipRequest(const http::Request& request, store::JobStore& store,
                                               const std::filesystem::path& outputDirectory) {
    const auto names = readNames(request);
    if (!names) return names.error();
    const auto rows = store.knownImages(*names);
    if (!rows) return rows.error();
    std::unordered_map<std::string_view, const store::KnownImage*> known;
    for (const store::KnownImage& row : *rows)
        if (row.trashFile.empty()) known.emplace(row.filename, &row);

    std::vector<ZipPicture> pictures;
    std::vector<std::pair<std::string, std::string>> faults;
    std::set<std::string> asked;
    std::set<std::string> taken;
    for (std::size_t i = 0; i < names->size(); ++i) {
        const std::string& name = (*names)[i];
        std::error_code error;
        const auto row = known.find(name);
        const auto size =
            row == known.end() ? 0 : std::filesystem::file_size(outputDirectory / name, error);
        if (row == known.end() || error) {
            faults.emplace_back("filenames[" + std::to_string(i) + "]", "there is no such picture");
        } else if (asked.insert(name).second) {
            pictures.push_back({name, uniqueName(name, taken), size});
        }
    }
    if (!faults.empty()) return validationError(faults);
    return pictures;
}

}  // namespace host::services
