// The pictures of POST /v1/images/edits, from a form or from JSON, in the terms of this host.
// Thread-safe. Decodes a mask that has transparency.
#pragma once

#include <optional>
#include <vector>

#include "http/request.hpp"
#include "services/generator/input_pictures.hpp"
#include "support/error.hpp"
#include "support/image_info.hpp"

namespace host::services {

struct EditPictures {
    std::vector<SentPicture> list;  // as bytes; masks are white where they are to be repainted
    std::optional<ImageInfo> start;
};

// File parts `image`, `image[]` and `mask`. Errors: Validation, InvalidImageFormat, ImageTooLarge.
Result<EditPictures> formPictures(const http::Request& request);

// `image` (base64 or data URL, or a list of them), `images` ([{"image_url": "data:..."}]) and
// `mask`, which are taken out of `body`. Addresses are refused: nothing is fetched. Errors as
// above.
Result<EditPictures> jsonPictures(Json& body);

}  // namespace host::services
