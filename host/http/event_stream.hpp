// Server-sent events. A handler answers Response::events(source, cursor); from then on the EventHub
// owns the connection. Sources are read on the hub's reader thread, never on a loop, so they may
// use the database. Streams that share source object and cursor share one read and one rendered
// text: give all streams of the same filter the same source object.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace host::http {

// What a read found. `text` is ready to send (complete events: "id: ...\nevent: ...\ndata:
// ...\n\n"); null or empty when there is nothing after the cursor yet.
struct EventBatch {
    std::shared_ptr<const std::string> text;
    std::uint64_t cursor = 0;  // where the next read goes on; at least the one asked for
    bool finished = false;     // the stream ends after this text
};

class EventSource {
  public:
    virtual ~EventSource() = default;
    // [reader thread] The events after `cursor`, oldest first, about `maxBytes` at most but at
    // least one when there is one. May block for a moment; must not wait for new events. An
    // exception ends the streams that asked.
    virtual EventBatch read(std::uint64_t cursor, std::size_t maxBytes) = 0;
};

}  // namespace host::http
