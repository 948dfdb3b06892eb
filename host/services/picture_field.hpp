// The picture in a request: out of base64, a data URL or a file part, with the contract's bounds.
// Pure, thread-safe.
#pragma once

#include <string>

#include "services/generator/raw_fields.hpp"
#include "support/image_info.hpp"

namespace host::services {

struct GivenPicture {
    std::string bytes;
    // By the leading bytes, whatever the name or the type say; its size is that of the picture
    // standing upright.
    ImageInfo info;
};

// Takes the picture out of `fields`, which must have one. Errors, beginning with the name of the
// field: InvalidImageFormat, ImageTooLarge.
Result<GivenPicture> takePicture(RawFields& fields, const std::string& field);

}  // namespace host::services
