// The plugin file, its entry and its roles. Everything throws CheckEnded where the plugin is at
// fault; only for use within runInChild. Nothing is ever unloaded: the child's end does that.
#pragma once

#include <string>
#include <vector>

#include "ipl/ipl.h"
#include "report.hpp"

namespace validate {

// dlopen as the host does it; the text of dlerror on failure.
void* openLibrary(const std::string& path);

// The entry, checked as far as a reader has to before it may touch the rest.
const ipl_entry& entryOf(void* library);

const ipl_entry& openEntry(const std::string& path);

// The checks that concern the file as a whole.
void checkSymbols(const std::string& path, Report& report);
void checkLoad(const std::string& path, Report& report);
void checkEntry(const std::string& path, Report& report);  // facts: id, version, schema
void checkInit(const std::string& path, Report& report);
void checkRoles(const std::string& path, Report& report);  // facts: the ids of the roles offered

}  // namespace validate
