// Writing the gallery's rows. Each function runs inside the writer's transaction; an error stays in
// the connection.
#pragma once

#include <string>

#include "store/job_store.hpp"
#include "store/sqlite/connection.hpp"

namespace host::store {

// The pipeline's own row, which replaces what was found of that picture before.
void writeImage(Connection& connection, const ImageRow& image);
// See ChangeSet::foundImages.
void writeFoundImage(Connection& connection, const ImageRow& image);
// False when the row is not there in the state that the change begins from.
bool changeImage(Connection& connection, const ImageChange& change);
void removeImage(Connection& connection, const std::string& filename);
void removeTrashedImage(Connection& connection, const std::string& trashFile);

}  // namespace host::store
