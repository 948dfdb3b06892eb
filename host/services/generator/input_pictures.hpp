// The input pictures of POST /api/v1/generate that have a role: `images` of a JSON body, the file
// parts `mask`, `reference` and `control` of a form. Pure functions, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "http/request.hpp"
#include "pipeline/job_spec.hpp"
#include "services/generator/raw_fields.hpp"
#include "support/error.hpp"

namespace host::services {

// A picture as it came, before its bytes are looked at.
struct SentPicture {
    std::string field;  // "images[1].image", "mask"
    plugins::InputRole role = plugins::InputRole::None;
    RawFields picture;
};

struct SentPictures {
    // The request says which pictures it has, if only that there are none: null or [].
    bool given = false;
    std::vector<SentPicture> list;
};

// Finds them; what is wrong with the list joins `faults`. At most kMaxInputs come back. Reads the
// body again only when it holds such pictures.
Result<SentPictures> findPictures(const http::Request& request, Faults& faults);

// Moves the start picture among `sent`, if there is one, to where `image` stands; both are a fault.
void takeStart(std::vector<SentPicture>& sent, RawFields& fields, Faults& faults);

// The pictures beside the start picture, in the order in which they were given.
struct OtherPictures {
    std::vector<pipeline::InputPicture> facts;
    std::vector<std::string> bytes;  // of each
};

// Decodes and sniffs them. Errors: InvalidImageFormat, ImageTooLarge, with all faults in `details`.
Result<OtherPictures> readPictures(std::vector<SentPicture> sent);

// What is wrong with the pictures of a request as a whole.
void judgePictures(const pipeline::JobSpec& spec, Faults& faults);

}  // namespace host::services
