// An answer that is parked until it is known: handed to the EventHub like an event stream (so it
// holds no worker, and a client that hangs up is noticed at once), but its source writes the whole
// answer itself, status line included. Nothing is sent before that, no heartbeat either.
#pragma once

#include <string>

#include "http/event_stream.hpp"

namespace host::http {

class LateAnswer : public EventSource {
  public:
    // [worker] Before the first read: the header fields that every answer has, each with its line
    // end. The connection closes after the answer; the source says so itself.
    virtual void begin(std::string commonFields) = 0;
};

}  // namespace host::http
