#include "services/sdapi/chosen_models.hpp"

#include <algorithm>

#include "services/openai/models.hpp"

namespace host::services {

void ChosenModels::choose(const std::string& client, const std::string& model) {
    const MutexLock lock(mutex_);
    latest_.remove_if([&](const auto& one) { return one.first == client; });
    latest_.emplace_front(client, model);
    if (latest_.size() > kMost) latest_.pop_back();
}

std::string ChosenModels::of(const std::string& client) const {
    const MutexLock lock(mutex_);
    const auto found = std::find_if(latest_.begin(), latest_.end(),
                                    [&](const auto& one) { return one.first == client; });
    return found == latest_.end() ? kAnyModel : found->second;
}

}  // namespace host::services
