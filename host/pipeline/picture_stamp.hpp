// What a stored picture says about itself: how it was made, and the request that makes it again.
// Pure functions, any thread. Nothing in it tells of clients, paths or addresses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "imaging/stamp.hpp"
#include "plugins/call.hpp"
#include "store/picture_store.hpp"

namespace host::plugins {
struct ImageRequest;
}

namespace host::pipeline {

struct Work;
struct EndpointSetup;

// The seed that the backend says it used: its own word before that in its stats.
std::optional<std::int64_t> reportedSeed(const plugins::PictureInfo& info);

// What is known before a picture comes. A plain value: a call that hangs may outlive its attempt.
struct PictureOrigin {
    imaging::Generation generation;
    Json own = Json::object();
};
// `sent` is what the backend was asked for.
PictureOrigin originOf(const Work& work, const EndpointSetup& setup,
                       const plugins::ImageRequest& sent);

imaging::Stamp stampOf(const PictureOrigin& origin, const plugins::PictureInfo& info,
                       const store::PictureFacts& facts);

}  // namespace host::pipeline
