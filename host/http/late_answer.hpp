// An answer that is parked until it is known: handed to the EventHub like an event stream (so it
// holds no worker, and a client that hangs up is noticed at once), but its source writes the whole
// answer itself, status line included. Nothing is sent before that, no heartbeat either.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "http/event_stream.hpp"

namespace host::http {

// Tells the access log and the figures how a parked call was answered, and after how long: once.
// One that goes without an answer was given up by its client, or by the host's end: kGivenUp. Used
// by one thread at a time.
class LateReport {
  public:
    // No status of HTTP's own; the usual one in access logs.
    static constexpr int kGivenUp = 499;
    using Tell = std::function<void(int status, std::uint64_t bytes)>;

    explicit LateReport(Tell tell) : tell_(std::move(tell)) {}
    ~LateReport() { answered(kGivenUp, 0); }
    LateReport(const LateReport&) = delete;
    LateReport& operator=(const LateReport&) = delete;

    void answered(int status, std::uint64_t bytes) {
        if (const Tell tell = std::exchange(tell_, nullptr)) tell(status, bytes);
    }

  private:
    Tell tell_;
};

class LateAnswer : public EventSource {
  public:
    // [worker] Before the first read: the header fields that every answer has, each with its line
    // end, and who wants to know of the answer. The connection closes after it; the source says so
    // itself.
    virtual void begin(std::string commonFields, std::unique_ptr<LateReport> report) = 0;
};

}  // namespace host::http
