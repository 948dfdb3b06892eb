// The fields of a request before they are judged: the same for JSON and for forms.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "http/request.hpp"
#include "support/error.hpp"

namespace host::services {

struct RawFields {
    // JSON values as they came; form values as strings, or an array of strings where repeated. Only
    // the names that were asked for; null counts as absent.
    std::map<std::string, Json> values;
    bool isForm = false;     // strings may stand for numbers and booleans
    std::string imageText;   // base64 or data URL
    std::string imageBytes;  // a file part
    bool hasImage = false;
};

// Reads a JSON object or a form; `names` are the known fields beside `image`, the rest is ignored.
Result<RawFields> readFields(const http::Request& request, const std::vector<std::string>& names);

// One VALIDATION_ERROR out of {field, message} pairs.
Error validationError(const std::vector<std::pair<std::string, std::string>>& faults);

}  // namespace host::services
