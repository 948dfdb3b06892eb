// The one error value of the host: a code of the HTTP contract, a message for people, details for
// programs. Expected failures are returned as Result<T>; exceptions are for programmer faults and
// for construction. Messages never hold file system paths that a client could see.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace host {

using Json = nlohmann::ordered_json;

enum class ErrorCode {
    Validation,
    ImageTooLarge,
    InvalidImageFormat,
    JobNotFound,
    NotFound,
    MethodNotAllowed,
    PayloadTooLarge,
    Unauthorized,
    RateLimited,
    ServiceUnavailable,  // 502: an upstream cannot be reached
    RefusingWork,        // SERVICE_UNAVAILABLE as 503: shutting down, or the queue is full
    LmStudio,
    Timeout,
    Internal,
};

// The code as the contract spells it, such as "VALIDATION_ERROR".
std::string_view codeName(ErrorCode code);
// The HTTP status that goes with it.
int httpStatus(ErrorCode code);

// The analyzer does not follow the variant inside Result.
struct Error {  // NOLINT(clang-analyzer-core.uninitialized.Assign)
    ErrorCode code = ErrorCode::Internal;
    std::string message;
    Json details = Json::object();
    int retryAfterSeconds = 0;  // sent as Retry-After when above 0
};

// A value or an Error.
template <typename T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(*explicit*)
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(*explicit*)

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }
    T& value() { return std::get<0>(state_); }
    const T& value() const { return std::get<0>(state_); }
    T& operator*() { return value(); }
    const T& operator*() const { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    Error& error() { return std::get<1>(state_); }
    const Error& error() const { return std::get<1>(state_); }

  private:
    std::variant<T, Error> state_;
};

struct Unit {};
using Status = Result<Unit>;

}  // namespace host
