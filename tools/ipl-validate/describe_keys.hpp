// The form of what describe answers, as ipl.h has it.
#pragma once

#include <string>

#include "report.hpp"

namespace validate {

// What is wrong with the known keys of a description, all of it; empty when nothing is. Unknown
// keys are anybody's own.
std::string faultsOfDescription(const Json& description);

}  // namespace validate
