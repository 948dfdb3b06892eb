// Reads the body of POST /sdapi/v1/txt2img and img2img and says what it is in the terms of
// POST /api/v1/generate. Thread-safe. Decodes a mask that does not fit its picture
// or is to be inverted.
#pragma once

#include <cstdint>
#include <string>

#include "http/request.hpp"
#include "services/generator/generate_request.hpp"

namespace host::services {

struct DrawingRequest {
    GenerateRequest generate;
    Json parameters;     // as the answer shows them
    std::string taskId;  // of force_task_id; may be empty
    bool sendImages = true;
    std::uint32_t width = 0;  // that endpoints are asked for
    std::uint32_t height = 0;
};

// `model`: what the client chose before, for a request that does not say. Errors: Validation, with
// the API's own field names; InvalidImageFormat, ImageTooLarge; NotFound for img2img without a
// picture, and for an unknown model. Takes the request's body.
Result<DrawingRequest> readDrawingRequest(http::Request& request, const GenerateRules& rules,
                                          const std::string& model, bool fromPicture);

// The model of a title such as "Studio A" or "Studio A [1234abcd]"; Error: NotFound.
Result<std::string> modelOfTitle(const std::string& title, const GenerateRules& rules);

}  // namespace host::services
