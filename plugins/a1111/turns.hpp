// One drawing at a time for each server, also when several endpoints name the same one: the servers
// queue what comes together without a word, and a drawing that waits there cannot be taken back.
// Thread-safe.
#pragma once

#include <string>

#include "ipl/call.hpp"

namespace a1111 {

class Turn {
  public:
    // Waits for the turn, a few seconds at most. Throws Error kCancelled, or kBusy with the time to
    // come back.
    Turn(std::string server, const ipl::Call& call);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

  private:
    const std::string server_;
};

}  // namespace a1111
