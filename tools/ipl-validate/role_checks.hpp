// The checks that run for each role a plugin offers.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "child.hpp"

namespace validate {

struct RoleCheck {
    std::string name;
    Check check;
};

struct RoleContext {
    std::string path;
    std::string role;  // an IPL_ROLE_ id
    Json settings;
    std::string dataDir;
    std::chrono::milliseconds limit;  // the deadline that calls are given
};

// In the order in which they make sense. The context must outlive the checks.
std::vector<RoleCheck> roleChecks(const RoleContext& context);

}  // namespace validate
