// A drawing as a request of the images API. Pure functions, thread-safe.
#pragma once

#include <string>

#include "ipl/views.hpp"
#include "openai_images/settings.hpp"

namespace openai_images {

struct Body {
    std::string path;  // behind the base: "/images/generations", or "/images/edits" with pictures
    std::string contentType;
    std::string bytes;
    bool streams = false;  // whether partial images were asked for
};

// Throws ipl::Error kUnsupported for a role that the API has no place for, and what the mask's
// conversion throws.
Body bodyOf(const ipl::ImageRequest& request, const Settings& settings);

}  // namespace openai_images
