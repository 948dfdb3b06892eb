// POST /api/send: a scene goes to the generator as the prompt of one run, as JSON text that is
// indented by two spaces. The generator's answer comes back as it is.
#pragma once

#include "http/router.hpp"

namespace host::services {

// `generate` answers POST /api/v1/generate; it gets the client's own request with another body. A
// body that is no JSON object, or no scene by its size, is a VALIDATION_ERROR.
http::Handler sendHandler(http::Handler generate);

}  // namespace host::services
