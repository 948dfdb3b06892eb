// GET /openapi.json: docs/openapi.json, the description of every route on all three ports, as it
// was when the program was built.
#pragma once

#include <string>

#include "http/router.hpp"

namespace host::services {

std::string apiDocument();
void addApiDocument(http::Router& router);

}  // namespace host::services
