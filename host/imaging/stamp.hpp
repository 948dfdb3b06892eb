// Writes into a picture file how it was made, without touching its pixels or what the file says
// already: PNG gets an A1111 `parameters` text chunk and our own JSON; JPEG and WebP get EXIF
// (where there is none) and XMP. readMetadata() reads it back.
//
// Any thread. A file whose structure is not understood is left as it is (Stamped::No).
#pragma once

#include <string>

#include "imaging/metadata.hpp"
#include "support/error.hpp"

namespace host::imaging {

struct Stamp {
    std::string parameters;     // A1111's text
    Json own = Json::object();  // {"request": {...}, "job_id", "run", "endpoint", ...}
};

// From what is known of a picture; the A1111 text is made of it.
Stamp makeStamp(const Generation& generation, const Json& own);

enum class Stamped { Yes, No };

// Writes the picture in `from` with the stamp to the empty file `to`. Errors: RefusingWork when the
// disk is full, Internal for another disk error; `to` is useless then. With Stamped::No nothing was
// written.
Result<Stamped> writeStamped(ByteSource& from, int to, const Stamp& stamp);

}  // namespace host::imaging
