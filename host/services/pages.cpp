#include "services/pages.hpp"

#include <memory>

#include "http/static_files.hpp"

namespace host::services {

namespace {

http::Response secured(http::Response response) {
    response.headers.set("Content-Security-Policy",
                         "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'");
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Referrer-Policy", "same-origin");
    return response;
}

}  // namespace

void addPage(http::Router& router, const std::filesystem::path& webDirectory,
             const std::string& path, const std::string& file) {
    const auto files = std::make_shared<http::StaticFiles>(webDirectory);
    router.add("GET", path, [files, file](http::Request& request) {
        return secured(files->get(file, request));
    });
}

void addStatic(http::Router& router, const std::filesystem::path& webDirectory) {
    const auto files = std::make_shared<http::StaticFiles>(webDirectory);
    router.add("GET", "/static/{file*}", [files](http::Request& request) {
        return secured(files->get(request.pathParam("file"), request));
    });
}

}  // namespace host::services
