// Reads the body of POST /api/v1/generate, JSON or form, into a validated request. All faults are
// found at once. Thread-safe. Blocks on the disk for a request that repeats a picture.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "http/request.hpp"
#include "pipeline/job_spec.hpp"
#include "support/error.hpp"

namespace host::services {

class GalleryRequests;
struct SentPicture;

struct GenerateRules {
    config::Limits count;
    config::Limits steps;
    std::vector<std::string> endpoints;  // in config order
};

struct GenerateRequest {
    pipeline::JobSpec spec;
    std::string picture;                     // bytes of the input picture, or empty
    std::string extension;                   // ".png", ...
    std::vector<std::string> otherPictures;  // bytes of spec.inputs
    // With from_image: that name and what was given beside it, whatever the picture says by now.
    Json repeats;
    // Set when that picture, what it was made from, or an endpoint that the request names is not
    // there: it may still be the repeat of one that was accepted before. Otherwise this is its
    // answer; the spec cannot be drawn.
    std::optional<Error> refusal;

    // Equal for requests that mean the same, however they are encoded.
    std::string fingerprint() const;
};

// All fields but the pictures'.
const std::vector<std::string>& requestFieldNames();

// Errors: Validation, InvalidImageFormat, ImageTooLarge. GenerateRequest::refusal: NotFound for a
// from_image that is not in the gallery (or when there is none), Validation when it cannot be
// repeated and for unknown endpoints. Takes the request's body.
Result<GenerateRequest> readGenerateRequest(http::Request& request, const GenerateRules& rules,
                                            const GalleryRequests* gallery = nullptr);
inline Result<GenerateRequest> readGenerateRequest(http::Request&& request,
                                                   const GenerateRules& rules,
                                                   const GalleryRequests* gallery = nullptr) {
    return readGenerateRequest(request, rules, gallery);
}

// The same for a request that came by another protocol: `fields` in the terms of this one, its
// pictures (start picture included) as they were sent. Errors: Validation, InvalidImageFormat,
// ImageTooLarge.
Result<GenerateRequest> makeGenerateRequest(const Json& fields, std::vector<SentPicture> pictures,
                                            const GenerateRules& rules);

}  // namespace host::services
