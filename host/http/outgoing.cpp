#include "http/outgoing.hpp"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

namespace host::http {

namespace {

bool wouldBlock() {
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

}  // namespace

Sent Outgoing::sendMemory(int socket) {
    while (sent < memory()) {
        iovec parts[2];
        std::size_t count = 0;
        if (sent < head.size()) parts[count++] = {head.data() + sent, head.size() - sent};
        const std::size_t bodySent = sent > head.size() ? sent - head.size() : 0;
        if (bodySent < body.size()) {
            parts[count++] = {body.data() + bodySent, body.size() - bodySent};
        }
        msghdr message{};
        message.msg_iov = parts;
        message.msg_iovlen = count;
        // More follows at once when a file does: let the kernel fill the packet.
        const int more = file.length > 0 ? MSG_MORE : 0;
        const ssize_t got = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT | more);
        if (got < 0) {
            if (errno == EINTR) continue;
            return wouldBlock() ? Sent::Blocked : Sent::Broken;
        }
        sent += static_cast<std::size_t>(got);
    }
    return Sent::All;
}

Sent Outgoing::sendFile(int socket, std::uint64_t limit) {
    std::uint64_t budget = limit;
    while (file.length > 0) {
        if (budget == 0) return Sent::Blocked;
        const std::uint64_t wanted = std::min<std::uint64_t>({file.length, budget, 1u << 20});
        auto offset = static_cast<off_t>(file.offset);
        const ssize_t got = ::sendfile(socket, file.file->get(), &offset, wanted);
        if (got < 0) {
            if (errno == EINTR) continue;
            return wouldBlock() ? Sent::Blocked : Sent::Broken;
        }
        if (got == 0) return Sent::Broken;  // the file became shorter than was announced
        const auto part = static_cast<std::uint64_t>(got);
        file.offset += part;
        file.length -= part;
        budget -= part;
    }
    file.file.reset();
    return Sent::All;
}

}  // namespace host::http
