// What the settings name, as the server lists it. The family draws with something else, without a
// word, where it does not know a name: A1111 with its first sampler and scheduler,
// stable-diffusion.cpp's server with the model that it has. Pure functions, thread-safe; no byte of
// a list is trusted.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "a1111/settings.hpp"

namespace a1111 {

struct Listed {
    std::string name;  // under which it is asked for
    std::vector<std::string> others;
};
// Nothing when it is no list, or holds nothing: then names cannot be compared with it.
using List = std::optional<std::vector<Listed>>;

// Bodies of GET /sdapi/v1/samplers, schedulers and sd-models; the first 10,000 entries.
List readSamplers(std::string_view body);
List readSchedulers(std::string_view body);
List readCheckpoints(std::string_view body);

struct Lists {
    List samplers;
    List schedulers;
    List checkpoints;
};

// The settings with sampler, scheduler and model as the lists name them. Names are found as the
// servers find them and more: by alias and in any case; a sampler with its scheduler behind it
// ("DPM++ 2M Karras"); a model by file name, hash or a part of its title, the shortest that fits.
// What has no list is left as it is. Throws Error kUnsupported when a list does not have a name.
Settings asListed(Settings settings, const Lists& lists);

}  // namespace a1111
