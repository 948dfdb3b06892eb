// What a simulator can be told to do wrong, and when.
#pragma once

#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace sim {

struct Fault {
    const char* name;
    const char* what;  // for the help text
};

// One line for each, with its name.
std::string faultsText(std::span<const Fault> faults);
// `names` is one, or several with commas between them; an empty one is no fault.
bool areFaults(std::span<const Fault> faults, const std::string& names);

// Which of the requests go wrong: none of the first `after`, then `count` of them (0 = all).
// Several names take turns; at an empty one the request goes well. Thread-safe.
class FaultPlan {
  public:
    FaultPlan(const std::string& names, int after, int count);
    // To be asked once for each request: the fault's name, or "" when this one goes well.
    std::string next();

  private:
    const std::vector<std::string> names_;
    const int after_;
    const int count_;
    std::mutex mutex_;
    int asked_ = 0;
};

}  // namespace sim
