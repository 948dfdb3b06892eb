// What a backend tells about itself with describe: which input pictures it can take, and the rest
// as it said it. Asked once when the backends are loaded, and kept by them
// (Backend::capabilities()).
//
// A plugin that says nothing, nonsense, or does not answer in time has no wishes; the log tells.
// Any thread.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

#include "imaging/pixels.hpp"
#include "support/error.hpp"

namespace host::plugins {

class Backend;

struct Capabilities {
    imaging::Wanted input;  // `image_formats` and `max_image_side`
    Json raw = Json::object();
};

// From the answer of describe; `who` names the backend in warnings.
Capabilities readCapabilities(std::string_view answer, std::string_view who);

// Asks all of them at once, each for no longer than `within` (and the grace that calls have).
void learnCapabilities(const std::vector<std::shared_ptr<Backend>>& backends,
                       std::chrono::milliseconds within);

}  // namespace host::plugins
