// The parts of Settings that say which plugin does what: roles, model server and endpoints.
// The floor's own; see resolve.hpp for what `given` and `full` hold.
#pragma once

#include <vector>

#include "config/fault.hpp"
#include "config/settings.hpp"

namespace host::config {

// `given` is what the file says, `full` the same with the schema's defaults.
void resolveRoles(const Json& given, const Json& full, Settings& settings,
                  std::vector<Fault>& faults);
void resolveEndpoints(const Json& given, const Json& full, Settings& settings,
                      std::vector<Fault>& faults);

}  // namespace host::config
