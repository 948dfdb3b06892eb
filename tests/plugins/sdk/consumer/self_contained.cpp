#include <stdexcept>

#include "ipl/plugin.hpp"

namespace {

constexpr ipl::PluginInfo kInfo{.id = "self_contained", .name = "Thrower", .version = "1.0.0"};

class Thrower : public ipl::ImageBackend {
  public:
    Thrower(ipl::Host, const ipl::InstanceArgs&, ipl::Call&) {}
    void generate(const ipl::ImageRequest&, ipl::Call& call) override {
        call.throwIfCancelled();
        throw std::runtime_error("out of luck");
    }
};

}  // namespace

IPL_PLUGIN(kInfo, Thrower);
