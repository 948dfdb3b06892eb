#include "http/request.hpp"

#include "http/text.hpp"
#include "support/text.hpp"

namespace host::http {

std::string Request::contentType() const {
    const std::string* value = headers.find("Content-Type");
    if (value == nullptr) return {};
    return toLower(trimmed(std::string_view(*value).substr(0, value->find(';'))));
}

}  // namespace host::http
