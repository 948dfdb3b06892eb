/*
 * Error: how a C++ plugin says that a call failed. Thrown anywhere below a backend's functions, the
 * wrapper turns it into set_error and a status; nothing else may leave a plugin. Other exceptions
 * become IPL_E_OUT_OF_MEMORY (std::bad_alloc) or IPL_E_INTERNAL.
 */
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "ipl/ipl.h"

#pragma GCC visibility push(hidden)
namespace ipl {
inline namespace v1_0 {

/* The values of ipl_status; ipl.h says how the host reacts to each. */
enum class Status : ipl_status {
    kOk = IPL_OK,
    kInvalidArgument = IPL_E_INVALID_ARGUMENT,
    kUnsupported = IPL_E_UNSUPPORTED,
    kImageFormat = IPL_E_IMAGE_FORMAT,
    kTooLarge = IPL_E_TOO_LARGE,
    kUnavailable = IPL_E_UNAVAILABLE,
    kBusy = IPL_E_BUSY,
    kTimeout = IPL_E_TIMEOUT,
    kCancelled = IPL_E_CANCELLED,
    kUpstream = IPL_E_UPSTREAM,
    kBadOutput = IPL_E_BAD_OUTPUT,
    kOutOfMemory = IPL_E_OUT_OF_MEMORY,
    kInternal = IPL_E_INTERNAL,
};

class Error : public std::exception {
  public:
    /* An empty message means that the host knows the reason already: it made the status itself.
     */
    explicit Error(Status status, std::string message = {}, std::string field = {},
                   std::string details = {})
        : status_(status),
          message_(std::move(message)),
          field_(std::move(field)),
          details_(std::move(details)) {}

    Status status() const { return status_; }
    const std::string& message() const { return message_; }
    /* The request field or setting that is wrong, or empty. */
    const std::string& field() const { return field_; }
    /* A JSON object, or empty. */
    const std::string& details() const { return details_; }
    const char* what() const noexcept override { return message_.c_str(); }

  private:
    Status status_;
    std::string message_;
    std::string field_;
    std::string details_;
};

}  // namespace v1_0
}  // namespace ipl
#pragma GCC visibility pop
