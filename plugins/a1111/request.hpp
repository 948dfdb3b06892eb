// The bodies of /sdapi/v1/txt2img and img2img. Field names and types as A1111's and Forge's API has
// them (their /docs page); no field is ever null, because stable-diffusion.cpp's server refuses
// null. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "a1111/settings.hpp"
#include "ipl/views.hpp"

namespace a1111 {

// Which way of speaking a server showed.
enum class Dialect {
    Common,     // A1111, Forge, SD.Next, stable-diffusion.cpp's server
    DrawThings  // field names of its own; what is left out keeps the value of the app's panel
};

// Throws Error kUnsupported when the request has pictures that the API has no place for:
// references, what to control by. Left out in silence, they would make another picture than the one
// asked for.
void expectInputs(const ipl::ImageRequest& request);

// "/sdapi/v1/txt2img", or img2img with an input picture.
std::string pathOf(const ipl::ImageRequest& request);

// Throws Error kUnsupported for a mask in Draw Things' dialect. taskId: under which
// /internal/progress finds it; empty = the server has no such thing.
std::string bodyOf(const ipl::ImageRequest& request, const Settings& settings, Dialect dialect,
                   std::int64_t seed, const std::string& taskId);

}  // namespace a1111
