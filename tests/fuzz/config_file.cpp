// config.json.
#include <set>

#include "config/document.hpp"
#include "config/load.hpp"
#include "fuzz.hpp"
#include "memory_file.hpp"
#include "support/text.hpp"

using namespace host;
using fuzz::check;

namespace {

void checkSettings(const config::Settings& settings) {
    check(!settings.endpoints.empty() && !settings.prompt.plugin.empty(), "there is work to do");
    check(settings.count.min <= settings.count.max && settings.steps.min <= settings.steps.max,
          "limits are in order");
    std::set<std::string> names;
    for (const config::EndpointSettings& endpoint : settings.endpoints) {
        check(names.insert(toLower(endpoint.name)).second, "endpoints have names of their own");
        check(endpoint.settings.is_object() && endpoint.concurrency > 0, "endpoints have settings");
    }
    for (const auto& service : {settings.dualGen, settings.jsonFromImage, settings.createJson})
        check(service.port >= 0 && service.port <= 65535, "ports are ports");
    check(settings.outputDirectory.is_absolute() && settings.databasePath.is_absolute(),
          "paths are absolute");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text(data, size);
    const config::Document document = config::parseDocument(text);
    check(document.root || !document.faults.empty(), "what cannot be read has a fault");
    const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
    for (const auto& [pointer, line] : document.lines)
        check(line >= 1 && line <= lines, "values have a line");

    const fuzz::MemoryFile file(text);
    const config::LoadResult loaded = config::load(file.path());
    for (const config::Fault& fault : loaded.faults) {
        const std::string shown = config::format(fault, "config.json");
        check(isValidUtf8(shown) && shown.find_first_of("\r\n") == shown.npos &&
                  shown.size() < 20'000,
              "a fault is one line of UTF-8");
    }
    if (loaded.ok()) checkSettings(loaded.settings);
    return 0;
}
