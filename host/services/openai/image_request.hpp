// Reads the body of POST /v1/images/generations and /edits, JSON or form, and says what it is in
// the terms of POST /api/v1/generate. Thread-safe. Decodes a mask that has transparency.
#pragma once

#include <string>

#include "http/request.hpp"
#include "services/generator/generate_request.hpp"
#include "services/openai/image_options.hpp"

namespace host::services {

struct OpenAiImageRequest {
    GenerateRequest generate;
    ImageOptions options;
    std::string size;  // "WIDTHxHEIGHT" that is drawn
};

inline constexpr int kMostPictures = 10;  // the API's own bound of n

// Errors: Validation, with the API's own field names; InvalidImageFormat, ImageTooLarge; NotFound
// for an unknown model. `edit`: a picture is required. Takes the request's body.
Result<OpenAiImageRequest> readImageRequest(http::Request& request, const GenerateRules& rules,
                                            bool edit);

}  // namespace host::services
