#include "config/fault.hpp"

#include <algorithm>

#include "support/error.hpp"
#include "support/text.hpp"

namespace host::config {

std::string format(const Fault& fault, const std::filesystem::path& file) {
    std::string text = file.string();
    if (fault.line > 0) text += ':' + std::to_string(fault.line);
    text += ": ";
    if (fault.warning) text += "warning: ";
    if (!fault.pointer.empty()) text += fault.pointer + ": ";
    text += fault.message;
    text = replaceInvalidUtf8(text);
    const auto isControl = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
    std::replace_if(text.begin(), text.end(), isControl, '?');
    return text;
}

std::string shown(std::string_view text) {
    constexpr std::size_t kShownBytes = 60;
    const std::string_view part = utf8Prefix(text, kShownBytes);
    return Json(std::string(part)).dump(-1, ' ', false, Json::error_handler_t::replace) +
           (part.size() < text.size() ? "..." : "");
}

}  // namespace host::config
