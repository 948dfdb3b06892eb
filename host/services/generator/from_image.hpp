// `from_image` of POST /api/v1/generate: makes a picture of the gallery again. What its file says
// about itself becomes fields of the request, where the request gives none of its own.
//
// The file may come from anybody: its values are judged like any request's, and nothing in it leads
// to another file. Thread-safe. Blocks on the disk and the database.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "imaging/metadata.hpp"
#include "services/generator/generate_request.hpp"
#include "services/generator/input_pictures.hpp"
#include "services/generator/raw_fields.hpp"
#include "store/job_store.hpp"
#include "store/picture_store.hpp"
#include "support/error.hpp"

namespace host::services {

// The fields of a request for what made the picture, of ours as they are, but for endpoints that
// are not there any more; of A1111 and ComfyUI what can be said here, moved into the limits.
Json repeatedFields(const imaging::Generation& generation, const GenerateRules& rules);

struct PictureRequest {
    Json fields = Json::object();
    bool hasInput = false;  // it was made from a picture
    std::string inputFile;  // which in the picture store; empty when nobody knows
    std::vector<pipeline::InputPicture> others;  // beside it, with their files
};

class GalleryRequests {
  public:
    GalleryRequests(std::filesystem::path outputDirectory, store::JobStore& jobs,
                    store::PictureStore& pictures)
        : outputDirectory_(std::move(outputDirectory)), jobs_(jobs), pictures_(pictures) {}

    // Nothing when the picture says nothing. Errors: NotFound, also for what is in the trash;
    // RefusingWork.
    Result<std::optional<PictureRequest>> of(const std::string& filename,
                                             const GenerateRules& rules) const;
    Result<std::string> input(const std::string& inputFile) const {
        return pictures_.loadInput(inputFile);
    }

  private:
    const std::filesystem::path outputDirectory_;
    store::JobStore& jobs_;
    store::PictureStore& pictures_;
};

inline constexpr const char* kFromImage = "from_image";

// Completes `raw`, and `others` unless it is null, from the picture of that name, which came as the
// field from_image. What is wrong with it joins `faults`. A field that is null keeps its default.
// Errors: as of().
Status repeatPicture(const Json& filename, RawFields& raw, OtherPictures* others,
                     const GalleryRequests* gallery, const GenerateRules& rules, Faults& faults);

}  // namespace host::services
