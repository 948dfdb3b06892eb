#include "sim-common/faults.hpp"

#include <algorithm>
#include <utility>

namespace sim {

namespace {

// At least one, which may be empty.
std::vector<std::string> apart(const std::string& names) {
    std::vector<std::string> all(1);
    for (const char letter : names) {
        if (letter == ',') {
            all.emplace_back();
        } else {
            all.back() += letter;
        }
    }
    return all;
}

}  // namespace

std::string faultsText(std::span<const Fault> faults) {
    std::string out;
    for (const Fault& fault : faults)
        out += std::string("  ") + fault.name + ": " + fault.what + "\n";
    return out;
}

bool areFaults(std::span<const Fault> faults, const std::string& names) {
    return std::ranges::all_of(apart(names), [&](const std::string& name) {
        return name.empty() ||
               std::ranges::any_of(faults, [&](const Fault& fault) { return name == fault.name; });
    });
}

FaultPlan::FaultPlan(const std::string& names, int after, int count)
    : names_(apart(names)), after_(after), count_(count) {}

std::string FaultPlan::next() {
    const std::lock_guard lock(mutex_);
    const int number = asked_++;
    if (number < after_) return {};
    if (count_ != 0 && number >= after_ + count_) return {};
    return names_[static_cast<std::size_t>(number - after_) % names_.size()];
}

}  // namespace sim
