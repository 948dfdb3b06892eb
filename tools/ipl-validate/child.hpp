// Runs one check in a process of its own, so that a plugin that crashes, hangs or exits costs one
// check. One thread; the caller must not have threads of its own (fork).
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "report.hpp"

namespace validate {

using Check = std::function<void(Report&)>;

// Never throws for what the check does; the report tells of crash and timeout.
Report runInChild(const std::string& name, std::chrono::milliseconds limit, const Check& check);

}  // namespace validate
