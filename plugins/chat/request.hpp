// The body of POST /chat/completions. Pure, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "chat/settings.hpp"
#include "ipl/views.hpp"

namespace chat {

// What the roles have in common; borrows from the host's request.
struct Query {
    const ipl::LanguageRequest& language;
    std::optional<ipl::ImageInput> image = {};
    bool enforceSchema = true;  // false: the server is not told of the response schema
};

// Always asks for a stream: closing the connection then frees the model, which it does not
// otherwise. An empty model is left out. kInvalidArgument when the response schema is not JSON.
std::string requestBody(const Settings& settings, const Query& query, std::string_view model);

}  // namespace chat
