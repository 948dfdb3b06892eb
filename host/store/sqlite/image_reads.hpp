// Reading the gallery's rows. Each function runs inside a read transaction of its caller; an error
// stays in the connection.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/job_store.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/cursor.hpp"

namespace host::store {

// What a full-text search asks for: every word of `text` in the prompt or the file name, whatever
// characters it holds. Empty when there is nothing to search for.
std::string textQuery(const std::string& text, const std::string& endpoint);

// The rows behind `after` (from the first without it), newest first, then by name; one more than
// query.limit when there are more.
std::vector<ImageRow> readImages(Connection& connection, const ImageQuery& query,
                                 const std::optional<ImagePlace>& after);
std::optional<ImageRow> readImage(Connection& connection, const std::string& filename);
std::vector<KnownImage> readKnownImages(Connection& connection,
                                        const std::vector<std::string>& filenames);
std::vector<KnownImage> readKnownImagesAfter(Connection& connection, const std::string& filename,
                                             int limit);

}  // namespace host::store
