#include "services/query_fields.hpp"

#include "services/generator/raw_fields.hpp"
#include "support/text.hpp"

namespace host::services {

Result<int> limitOf(const http::Request& request, int fallback, int most) {
    const std::string* text = request.query.find("limit");
    if (text == nullptr || text->empty()) return fallback;
    const auto limit = wholeNumber<int>(*text);
    if (!limit || *limit < 1 || *limit > most) {
        return validationError({{"limit", "must be an integer from 1 to " + std::to_string(most)}});
    }
    return *limit;
}

Result<bool> flagOf(const http::Request& request, const std::string& name) {
    const std::string word = toLower(request.query.get(name));
    if (word.empty() || word == "false" || word == "0" || word == "no") return false;
    if (word == "true" || word == "1" || word == "yes") return true;
    return validationError({{name, "must be true or false"}});
}

}  // namespace host::services
