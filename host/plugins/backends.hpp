// Plugin instances behind the abstract backends of backend.hpp.
#pragma once

#include <memory>

#include "plugins/backend.hpp"
#include "plugins/instance.hpp"

namespace host::plugins {

// A backend and the instance that it stands for, not yet created.
template <typename T>
struct MadeBackend {
    std::shared_ptr<T> backend;
    std::shared_ptr<Instance> instance;
};

// The library must offer the role.
MadeBackend<ImageBackend> makeImageBackend(Library& library, InstanceOptions options,
                                           HostServices services);
MadeBackend<PromptBackend> makePromptBackend(Library& library, InstanceOptions options,
                                             HostServices services);
MadeBackend<VisionBackend> makeVisionBackend(Library& library, InstanceOptions options,
                                             HostServices services);

}  // namespace host::plugins
