#include "sim-common/faults.hpp"

#include <algorithm>
#include <utility>

namespace sim {

std::string faultsText(std::span<const Fault> faults) {
    std::string out;
    for (const Fault& fault : faults)
        out += std::string("  ") + fault.name + ": " + fault.what + "\n";
    return out;
}

bool isFault(std::span<const Fault> faults, const std::string& name) {
    return std::ranges::any_of(faults, [&](const Fault& fault) { return name == fault.name; });
}

FaultPlan::FaultPlan(std::string name, int after, int count)
    : name_(std::move(name)), after_(after), count_(count) {}

std::string FaultPlan::next() {
    if (name_.empty()) return {};
    const std::lock_guard lock(mutex_);
    const int number = asked_++;
    if (number < after_) return {};
    return count_ == 0 || number < after_ + count_ ? name_ : "";
}

}  // namespace sim
