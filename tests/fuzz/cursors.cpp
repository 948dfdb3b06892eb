// Cursors of the job list and the gallery, as they come back from clients.
#include <cmath>

#include "fuzz.hpp"
#include "store/sqlite/cursor.hpp"

using namespace host::store;
using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string cursor(fuzz::text(data, size));
    if (const auto seq = parseJobCursor(cursor)) {
        check(*seq > 0 && *parseJobCursor(jobCursor(*seq)) == *seq, "a job's place comes back");
    }
    if (const auto place = parseImageCursor(cursor)) {
        check(std::isfinite(place->mtime) && !place->filename.empty(), "a place is one");
        const auto again = parseImageCursor(imageCursor(*place));
        check(again.ok() && again->mtime == place->mtime && again->filename == place->filename,
              "a picture's place comes back");
    }
    const std::string name = cursor.substr(0, 255);
    if (!name.empty()) {
        const auto own = parseImageCursor(imageCursor({static_cast<double>(size), name}));
        check(own.ok() && own->filename == name, "every file name has a cursor");
    }
    return 0;
}
