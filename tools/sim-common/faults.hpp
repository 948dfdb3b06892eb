// What a simulator can be told to do wrong, and when.
#pragma once

#include <mutex>
#include <span>
#include <string>

namespace sim {

struct Fault {
    const char* name;
    const char* what;  // for the help text
};

// One line for each, with its name.
std::string faultsText(std::span<const Fault> faults);
bool isFault(std::span<const Fault> faults, const std::string& name);

// Which of the requests go wrong: none of the first `after`, then `count` of them (0 = all).
// Thread-safe.
class FaultPlan {
  public:
    FaultPlan(std::string name, int after, int count);
    // To be asked once for each request: the fault's name, or "" when this one goes well.
    std::string next();

  private:
    const std::string name_;
    const int after_;
    const int count_;
    std::mutex mutex_;
    int asked_ = 0;
};

}  // namespace sim
