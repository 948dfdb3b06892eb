// A plugin made with the C++ wrapper whose functions do what the test at hand says. It is linked
// into the test, which drives it through its C entry as a host would.
#pragma once

#include <functional>

#include "ipl/plugin.hpp"

namespace wrapped {

struct Script {
    std::function<void(ipl::Host, const ipl::InstanceArgs&, ipl::Call&)> create;
    std::function<void(const ipl::ImageRequest&, ipl::Call&)> generate;
    std::function<void(const ipl::PromptRequest&, ipl::Call&)> complete;
    std::function<void(const ipl::VisionRequest&, ipl::Call&)> analyze;
};

// One per process; each test sets what it needs.
Script& script();

}  // namespace wrapped
