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

// The rows behind `after` (from the first without it), newest first, then by name; one more than
// query.limit when there are more.
std::vector<ImageRow> readImages(Connection& connection, const ImageQuery& query,
                                 const std::optional<ImagePlace>& after);
std::optional<ImageRow> readImage(Connection& connection, const std::string& filename);
std::optional<ImageRow> readDisplacedImage(Connection& connection, const std::string& filename);
std::vector<ImageRow> readTrashedImages(Connection& connection, double afterTime,
                                        const std::string& afterFile, std::optional<double> before,
                                        int limit);
bool readKnowsTrashFile(Connection& connection, const std::string& trashFile);
std::vector<KnownImage> readKnownImages(Connection& connection,
                                        const std::vector<std::string>& filenames);
std::vector<KnownImage> readKnownImagesAfter(Connection& connection, const std::string& filename,
                                             int limit);

}  // namespace host::store
