// The settings that a plugin is tried with when the caller gives none.
#pragma once

#include <string>

#include "report.hpp"

namespace validate {

struct DefaultSettings {
    Json settings = Json::object();
    std::string missing;  // the first required setting without default or example, or empty
};

// Takes the default of each property of the schema; for a required one also its first example.
DefaultSettings defaultsOf(const Json& schema);

}  // namespace validate
