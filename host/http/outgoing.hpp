// The bytes of one answer on their way to a non-blocking socket: head, text body, part of a file.
// Owned by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "http/response.hpp"

namespace host::http {

enum class Sent { All, Blocked, Broken };

struct Outgoing {
    std::string head;
    std::string body;
    FileBody file;
    std::size_t sent = 0;  // of head and body together
    bool close = false;    // the connection ends after this answer

    std::size_t memory() const { return head.size() + body.size(); }
    // What is left needs the disk.
    bool onlyFileLeft() const { return sent == memory() && file.length > 0; }
    bool done() const { return sent == memory() && file.length == 0; }

    // Head and body, as much as the socket takes.
    Sent sendMemory(int socket);
    // The file's part, at most `limit` bytes of it; Blocked when either bound was met. Reads the
    // disk.
    Sent sendFile(int socket, std::uint64_t limit);
};

}  // namespace host::http
