#include "library.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <regex>

#include "elf.hpp"
#include "test_host.hpp"

namespace validate {
namespace {

constexpr auto kLoadTimeLimit = std::chrono::milliseconds(200);

// The size of the entry in ABI 1.0; later fields are optional.
constexpr uint32_t kEntrySize = sizeof(ipl_entry);

void requireText(const char* text, const char* field) {
    expect(text != nullptr && *text != 0, std::string("entry.") + field + " is missing");
}

template <class Backend>
void checkVtable(const void* table, const std::string& role) {
    const auto& backend = *static_cast<const Backend*>(table);
    expect(backend.struct_size >= sizeof(Backend), role + ": struct_size is too small");
    expect(backend.create != nullptr, role + ": create is missing");
    expect(backend.destroy != nullptr, role + ": destroy is missing");
    expect(backend.probe != nullptr, role + ": probe is missing");
}

}  // namespace

void* openLibrary(const std::string& path) {
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) fail(dlerror());
    return library;
}

const ipl_entry& entryOf(void* library) {
    const void* symbol = dlsym(library, IPL_ENTRY_SYMBOL);
    if (symbol == nullptr) {
        for (int major = 2; major <= 9; ++major) {
            const std::string name = "ipl_entry_v" + std::to_string(major);
            if (dlsym(library, name.c_str()) != nullptr) {
                fail("speaks ABI " + std::to_string(major) + " only; this is ABI " +
                     std::to_string(IPL_ABI_MAJOR));
            }
        }
        fail("exports no " IPL_ENTRY_SYMBOL ", so it is no plugin");
    }
    const auto& entry = *static_cast<const ipl_entry*>(symbol);
    expect(entry.struct_size >= kEntrySize, "entry.struct_size is " +
                                                std::to_string(entry.struct_size) +
                                                ", less than the entry of ABI 1.0");
    expect(entry.abi_major == IPL_ABI_MAJOR,
           "entry.abi_major is " + std::to_string(entry.abi_major));
    expect(entry.abi_minor_required <= IPL_ABI_MINOR,
           "needs ABI 1." + std::to_string(entry.abi_minor_required) + "; this is ABI 1." +
               std::to_string(IPL_ABI_MINOR));
    expect(entry.get_interface != nullptr, "entry.get_interface is missing");
    return entry;
}

const ipl_entry& openEntry(const std::string& path) {
    return entryOf(openLibrary(path));
}

void checkSymbols(const std::string& path, Report& report) {
    const ElfFacts elf = readElf(path);
    const auto isEntry = [](const std::string& name) { return name == IPL_ENTRY_SYMBOL; };
    const auto others =
        std::count_if(elf.exported.begin(), elf.exported.end(), std::not_fn(isEntry));
    if (others > 0) {
        const auto first =
            std::find_if(elf.exported.begin(), elf.exported.end(), std::not_fn(isEntry));
        report.warn("exports " + std::to_string(others) + " symbols besides its entry, such as " +
                    *first + ": hide them, they may clash with the host's");
    }
    if (!elf.unique.empty()) {
        report.warn("has " + std::to_string(elf.unique.size()) + " GNU unique symbols, such as " +
                    elf.unique.front() + ": their state is shared with other libraries");
    }
    for (const auto& name : elf.needed) {
        if (name.rfind("libspdlog", 0) == 0 || name.rfind("libPoco", 0) == 0) {
            report.warn(
                "needs " + name +
                ", whose global state it shares with the host: log through the call and use "
                "the host's HTTP client");
        }
    }
}

void checkLoad(const std::string& path, Report& report) {
    const auto start = std::chrono::steady_clock::now();
    openLibrary(path);
    const auto time = std::chrono::steady_clock::now() - start;
    if (time > kLoadTimeLimit) {
        report.warn(
            "took " +
            std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) +
            " ms to load; do the work in create");
    }
}

void checkEntry(const std::string& path, Report& report) {
    const ipl_entry& entry = openEntry(path);
    requireText(entry.id, "id");
    requireText(entry.name, "name");
    requireText(entry.version, "version");
    static const std::regex kId("[a-z][a-z0-9_]{0,62}");
    expect(std::regex_match(entry.id, kId), "entry.id \"" + std::string(entry.id).substr(0, 100) +
                                                "\" does not match [a-z][a-z0-9_]{0,62}");
    Json schema = Json::object();
    if (entry.settings_schema != nullptr) {
        schema = Json::parse(entry.settings_schema, nullptr, false);
        expect(!schema.is_discarded(), "entry.settings_schema is not JSON");
        expect(schema.is_object(), "entry.settings_schema is not a JSON object");
    } else {
        report.note("no settings_schema");
    }
    report.facts = {{"id", entry.id}, {"version", entry.version}, {"schema", schema}};
}

void checkInit(const std::string& path, Report& report) {
    const ipl_entry& entry = openEntry(path);
    const TestHost host(Json::object());
    if (entry.init == nullptr) report.note("no init");
    if (entry.init != nullptr) {
        const ipl_status status = entry.init(host.abi());
        expect(status == IPL_OK, "init gives " + nameOfStatus(status));
    }
    if (entry.deinit != nullptr) entry.deinit();
}

void checkRoles(const std::string& path, Report& report) {
    const ipl_entry& entry = openEntry(path);
    expect(entry.get_interface("ipl.no-such-role/1") == nullptr,
           "get_interface gives something for a role that does not exist");
    report.facts = Json::array();
    std::string names;
    for (const std::string role : {IPL_ROLE_IMAGE, IPL_ROLE_PROMPT, IPL_ROLE_VISION}) {
        const void* table = entry.get_interface(role.c_str());
        if (table == nullptr) continue;
        expect(table == entry.get_interface(role.c_str()), role + ": the vtable is not static");
        if (role == IPL_ROLE_IMAGE) {
            checkVtable<ipl_image_backend>(table, role);
            expect(static_cast<const ipl_image_backend*>(table)->generate != nullptr,
                   role + ": generate is missing");
        } else if (role == IPL_ROLE_PROMPT) {
            checkVtable<ipl_prompt_backend>(table, role);
            expect(static_cast<const ipl_prompt_backend*>(table)->complete != nullptr,
                   role + ": complete is missing");
        } else {
            checkVtable<ipl_vision_backend>(table, role);
            expect(static_cast<const ipl_vision_backend*>(table)->analyze != nullptr,
                   role + ": analyze is missing");
        }
        report.facts.push_back(role);
        names += (names.empty() ? "" : ", ") + role;
    }
    expect(!report.facts.empty(), "offers no role");
    report.note(names);
}

}  // namespace validate
