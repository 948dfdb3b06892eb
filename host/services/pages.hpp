// The browser's side: pages, scripts and styles out of web/, with a strict content security policy.
#pragma once

#include <filesystem>
#include <string>

#include "http/router.hpp"

namespace host::services {

// `GET path` answers with the page web/<file>.
void addPage(http::Router& router, const std::filesystem::path& webDirectory,
             const std::string& path, const std::string& file);
// `GET /static/...` answers with web/...
void addStatic(http::Router& router, const std::filesystem::path& webDirectory);

}  // namespace host::services
