// The secret by which the services of one installation know each other when they run as separate
// processes: with it a service may say for whose address it asks (see http::ServerOptions). It is a
// file that only its owner can read; whoever starts first makes it.
#pragma once

#include <filesystem>
#include <string>

#include "support/error.hpp"

namespace host::services {

// The content of folder/service.key, made when missing together with the folder. May be called by
// several processes at once. Fails when it cannot be made or read, or is not private.
Result<std::string> serviceKey(const std::filesystem::path& folder);

}  // namespace host::services
