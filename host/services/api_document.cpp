#include "services/api_document.hpp"

namespace host::services {

void addApiDocument(http::Router& router) {
    router.add("GET", "/openapi.json", [](http::Request&) {
        http::Response response = http::Response::jsonText(apiDocument());
        response.headers.set("Cache-Control", "no-cache");
        return response;
    });
}

}  // namespace host::services
