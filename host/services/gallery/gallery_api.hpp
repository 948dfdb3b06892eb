// The gallery's routes under /api/v1/gallery, /images and /thumbnails. Handlers are thin and
// thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "http/router.hpp"
#include "http/static_files.hpp"
#include "services/context.hpp"

namespace host::services {

class GalleryApi {
  public:
    explicit GalleryApi(const Context& context);

    void addRoutes(http::Router& router, bool legacyToo);

  private:
    http::Response list(http::Request& request);
    http::Response star(http::Request& request);
    http::Response unstar(http::Request& request);
    http::Response setStar(const http::Request& request, bool starred);
    http::Response trash(http::Request& request);
    http::Response restore(http::Request& request);
    http::Response zip(http::Request& request);
    http::Response image(http::Request& request);
    http::Response thumbnail(http::Request& request);

    const Context context_;
    http::StaticFiles pictures_;
    // Archives under way; each takes a thread for as long as its client does.
    const std::shared_ptr<std::atomic<int>> archives_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace host::services
