// What the error answers of the various servers mean. Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/upstream.hpp"

namespace chat {

// An answer that is no success.
struct Refusal {
    int status = 0;
    std::string body;
    std::optional<std::string> retryAfter;
    std::string model;  // that was asked for, may be empty
    bool hadKey = false;
};

// True for the 503 of a server that is up but has not loaded its model yet.
bool isLoading(const Refusal& refusal);
// True when the server does not know the model.
bool isUnknownModel(const Refusal& refusal);
// True when what it does not like is the response schema, or that there is one.
bool isAboutSchema(const Refusal& refusal);
ipl::Error errorOf(const Refusal& refusal);

// For an error inside an answer that began as a success: the value of `error`.
ipl::Error streamError(const upstream::Json& error);

}  // namespace chat
