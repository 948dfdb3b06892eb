// A plugin's entry and interface tables, checked and copied. Nothing of a plugin is used before it
// passed here. Pure functions apart from calling the plugin's get_interface.
#pragma once

#include <string>
#include <vector>

#include "ipl/ipl.h"
#include "support/error.hpp"

namespace host::plugins {

// What the host keeps of an entry, also across processes and restarts.
struct EntryInfo {
    std::string id;
    std::string name;
    std::string version;
    std::string vendor;
    std::string license;
    std::string homepage;
    std::string abi;                 // "1.0": what it was built with
    std::vector<std::string> roles;  // the ids of the interfaces that it offers
    Json settingsSchema;             // null = it has none

    bool offers(const std::string& role) const;
};

Json toJson(const EntryInfo& info);
// An EntryInfo that toJson made; an error for anything else.
Result<EntryInfo> entryInfoFromJson(const Json& json);

// The interface tables by role; a role that is not offered has no create.
struct Interfaces {
    ipl_image_backend image{};
    ipl_prompt_backend prompt{};
    ipl_vision_backend vision{};
};

// Each gives a copy, or what is wrong with it.
Result<ipl_entry> checkEntry(const ipl_entry* entry);
Result<EntryInfo> describeEntry(const ipl_entry& entry);  // all but the roles
Result<Interfaces> checkInterfaces(const ipl_entry& entry, EntryInfo& info);

// [a-z][a-z0-9_]{0,62}
bool isPluginId(std::string_view id);

}  // namespace host::plugins
