#include "plugins/entry.hpp"

#include <algorithm>
#include <cstring>

#include "config/schema.hpp"
#include "plugins/abi_text.hpp"

namespace host::plugins {

namespace {

constexpr std::size_t kMaxText = 200;
constexpr std::size_t kMaxSchema = 256 * 1024;

Error fault(std::string message) {
    return {ErrorCode::Validation, std::move(message)};
}

std::string dotted(unsigned major, unsigned minor) {
    return std::to_string(major) + "." + std::to_string(minor);
}

std::string textOf(const char* text) {
    return text == nullptr ? std::string()
                           : cleanText(std::string_view(text, ::strnlen(text, kMaxText)), kMaxText);
}

// Copies the table of one role into `to`; the name of a missing function, or nothing.
template <typename Table, typename Work>
std::string take(const ipl_entry& entry, const char* role, Table& to, Work Table::*work,
                 const char* workName, EntryInfo& info) {
    const auto* table = static_cast<const Table*>(entry.get_interface(role));
    if (table == nullptr) return {};
    if (table->struct_size < sizeof(Table)) {
        return std::string("its table for ") + role + " is smaller than version 1.0 of the ABI";
    }
    const Table copy = checkedCopy(table, table->struct_size);
    const char* missing = copy.create == nullptr    ? "create"
                          : copy.destroy == nullptr ? "destroy"
                          : copy.probe == nullptr   ? "probe"
                          : copy.*work == nullptr   ? workName
                                                    : nullptr;
    if (missing != nullptr) {
        return std::string("its table for ") + role + " lacks the function " + missing;
    }
    to = copy;
    info.roles.emplace_back(role);
    return {};
}

}  // namespace

bool isPluginId(std::string_view id) {
    return !id.empty() && id.size() <= 63 && id[0] >= 'a' && id[0] <= 'z' &&
           std::all_of(id.begin(), id.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

bool EntryInfo::offers(const std::string& role) const {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
}

Json toJson(const EntryInfo& info) {
    return {{"id", info.id},
            {"name", info.name},
            {"version", info.version},
            {"vendor", info.vendor},
            {"license", info.license},
            {"homepage", info.homepage},
            {"abi", info.abi},
            {"roles", info.roles},
            {"settings_schema", info.settingsSchema}};
}

Result<EntryInfo> entryInfoFromJson(const Json& json) {
    EntryInfo info;
    if (!json.is_object()) return fault("no description of a plugin");
    const auto text = [&](const char* key, std::string& to) {
        const auto at = json.find(key);
        if (at == json.end() || !at->is_string()) return false;
        to = at->get<std::string>();
        return true;
    };
    const auto roles = json.find("roles");
    const auto schema = json.find("settings_schema");
    if (!text("id", info.id) || !text("name", info.name) || !text("version", info.version) ||
        !text("vendor", info.vendor) || !text("license", info.license) ||
        !text("homepage", info.homepage) || !text("abi", info.abi) || !isPluginId(info.id) ||
        roles == json.end() || !roles->is_array() || schema == json.end()) {
        return fault("no description of a plugin");
    }
    for (const Json& role : *roles) {
        if (!role.is_string()) return fault("no description of a plugin");
        info.roles.push_back(role.get<std::string>());
    }
    info.settingsSchema = *schema;
    return info;
}

Result<ipl_entry> checkEntry(const ipl_entry* entry) {
    const std::uint32_t size = entry->struct_size;
    if (size < sizeof(ipl_entry)) {
        return fault("its entry says struct_size " + std::to_string(size) + ", at least " +
                     std::to_string(sizeof(ipl_entry)) + " is expected");
    }
    const ipl_entry copy = checkedCopy(entry, size);
    if (copy.abi_major != IPL_ABI_MAJOR || copy.abi_minor_required > IPL_ABI_MINOR) {
        return fault("it needs version " + dotted(copy.abi_major, copy.abi_minor_required) +
                     " of the plugin ABI, this host offers " +
                     dotted(IPL_ABI_MAJOR, IPL_ABI_MINOR) + ": a newer host is needed");
    }
    if (copy.id == nullptr) return fault("its entry has no id");
    if (!isPluginId({copy.id, ::strnlen(copy.id, 64)})) {
        return fault("its id \"" + textOf(copy.id) + "\" is not of the form [a-z][a-z0-9_]{0,62}");
    }
    if (copy.get_interface == nullptr) return fault("its entry has no get_interface");
    return copy;
}

Result<EntryInfo> describeEntry(const ipl_entry& entry) {
    EntryInfo info;
    info.id = textOf(entry.id);
    info.name = textOf(entry.name);
    info.version = textOf(entry.version);
    info.vendor = textOf(entry.vendor);
    info.license = textOf(entry.license);
    info.homepage = textOf(entry.homepage);
    info.abi = dotted(entry.abi_major, entry.abi_minor);
    if (entry.settings_schema == nullptr) return info;
    const std::size_t length = ::strnlen(entry.settings_schema, kMaxSchema + 1);
    auto schema = parseObject({entry.settings_schema, length}, kMaxSchema);
    if (!schema) return fault("its settings_schema is not a JSON object");
    if (const auto wrong = config::schemaFault(*schema)) {
        return fault("its settings_schema is no JSON Schema: " + *wrong);
    }
    info.settingsSchema = std::move(*schema);
    return info;
}

Result<Interfaces> checkInterfaces(const ipl_entry& entry, EntryInfo& info) {
    Interfaces found;
    for (const std::string& wrong :
         {take(entry, IPL_ROLE_IMAGE, found.image, &ipl_image_backend::generate, "generate", info),
          take(entry, IPL_ROLE_PROMPT, found.prompt, &ipl_prompt_backend::complete, "complete",
               info),
          take(entry, IPL_ROLE_VISION, found.vision, &ipl_vision_backend::analyze, "analyze",
               info)}) {
        if (!wrong.empty()) return fault(wrong);
    }
    if (info.roles.empty()) return fault("it offers none of the roles that this host knows");
    return found;
}

}  // namespace host::plugins
