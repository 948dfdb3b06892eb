#include "plugins/call.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

namespace host::plugins {

std::string_view statusName(CallStatus status) {
    switch (status) {
        case CallStatus::Ok:
            return "ok";
        case CallStatus::InvalidArgument:
            return "invalid_argument";
        case CallStatus::Unsupported:
            return "unsupported";
        case CallStatus::ImageFormat:
            return "image_format";
        case CallStatus::TooLarge:
            return "too_large";
        case CallStatus::Unavailable:
            return "unavailable";
        case CallStatus::Busy:
            return "busy";
        case CallStatus::Timeout:
            return "timeout";
        case CallStatus::Cancelled:
            return "cancelled";
        case CallStatus::Upstream:
            return "upstream";
        case CallStatus::BadOutput:
            return "bad_output";
        case CallStatus::OutOfMemory:
            return "out_of_memory";
        case CallStatus::Internal:
            return "internal";
        case CallStatus::Crashed:
            return "crashed";
        case CallStatus::Hung:
            return "hung";
        case CallStatus::Protocol:
            return "protocol";
    }
    return "internal";
}

Cancellation::Cancellation() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Cancellation::~Cancellation() {
    if (fd_ >= 0) ::close(fd_);
}

void Cancellation::cancel(CancelReason reason) {
    std::int32_t none = 0;
    if (reason == CancelReason::None) return;
    if (!reason_.compare_exchange_strong(none, static_cast<std::int32_t>(reason))) return;
    if (fd_ >= 0) ::eventfd_write(fd_, 1);
}

CancelReason Cancellation::reason() const {
    return static_cast<CancelReason>(reason_.load());
}

}  // namespace host::plugins
