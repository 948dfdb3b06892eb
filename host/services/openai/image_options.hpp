// How POST /v1/images/* is to be answered, and those fields of the API that are about the model
// that the API was made for: taken, ignored or refused. Pure, thread-safe.
#pragma once

#include <optional>

#include "services/calls/picture_conversions.hpp"
#include "services/generator/raw_fields.hpp"
#include "support/error.hpp"

namespace host::services {

struct ImageOptions {
    bool asUrl = false;
    bool stream = false;
    int partialImages = 0;                    // wanted for each picture; with `stream`
    std::optional<PictureEncoding> encoding;  // nothing: as the pictures are stored
};

inline constexpr int kMostPartialImages = 3;

// To be read of the body; all of them.
const std::vector<std::string>& optionNames();

// A field's value, null when absent. A form's text that stands for a number or a boolean is one.
Json fieldOf(const RawFields& raw, const std::string& name);
// An integer field with bounds. Error: Validation.
Result<int> numberOf(const RawFields& raw, const std::string& name, int least, int most,
                     int fallback);

// Error: Validation, with the name of the field.
Result<ImageOptions> readImageOptions(const RawFields& raw);

}  // namespace host::services
