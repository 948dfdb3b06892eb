// The fields of a request before they are judged: the same for JSON and for forms.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "http/request.hpp"
#include "support/error.hpp"

namespace host::services {

struct RawFields {
    // JSON values as they came; form values as strings, or an array of strings where repeated. Only
    // the names that were asked for; null counts as absent.
    std::map<std::string, Json> values;
    std::set<std::string> nulls;  // JSON only: absent, but said to be, the picture's name too
    bool isForm = false;          // strings may stand for numbers and booleans
    std::string imageText;        // base64 or data URL, from imageTextBegin on
    std::size_t imageTextBegin = 0;
    std::string imageBytes;  // a file part
    bool hasImage = false;
    bool repeatsImage = false;  // a form with more than one
};

// Reads a JSON object or a form; `names` are the known fields beside the picture's, the rest is
// ignored. The picture may go by any of `pictureNames`; the last one that holds something counts.
Result<RawFields> readFields(const http::Request& request, const std::vector<std::string>& names,
                             const std::vector<std::string>& pictureNames = {"image"});
// The same, and takes the body: a large picture stays where it was received instead of being
// copied.
Result<RawFields> takeFields(http::Request& request, const std::vector<std::string>& names,
                             const std::vector<std::string>& pictureNames = {"image"});

using Faults = std::vector<std::pair<std::string, std::string>>;  // field, message

// One VALIDATION_ERROR out of all of them.
Error validationError(const Faults& faults);

}  // namespace host::services
