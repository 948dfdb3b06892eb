// What a client may give as `model`: an endpoint's name, or "any" for whichever is free. Pure,
// thread-safe.
#pragma once

#include <string>

#include "services/generator/generate_request.hpp"
#include "support/error.hpp"

namespace host::services {

inline constexpr const char* kAnyModel = "any";

// `endpoints` of POST /api/v1/generate; null, "" and "any" are any. Names are compared without
// case. Errors: Validation, NotFound.
Result<Json> endpointsOfModel(const Json& model, const GenerateRules& rules);

Json modelList(const GenerateRules& rules);
// One entry of the list; NotFound.
Result<Json> modelEntry(const std::string& id, const GenerateRules& rules);

}  // namespace host::services
