// GET /health of the three services: answered on the event loop, so it answers whatever else is
// busy.
#pragma once

#include <string>

#include "http/router.hpp"
#include "services/context.hpp"

namespace host::services {

// What every service's /health has in common, as the beginning of a JSON object that is not closed
// yet; and as a value.
std::string healthText(const Common& common, const std::string& service);
Json healthBase(const Common& common, const std::string& service);

}  // namespace host::services
