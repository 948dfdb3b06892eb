#include "common/words.hpp"

#include <algorithm>

namespace upstream {

bool speaksOf(std::string_view text, std::string_view words) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::search(text.begin(), text.end(), words.begin(), words.end(),
                       [&](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

ipl::Status refusalStatus(int code, std::string_view text) {
    if (speaksOf(text, "out of memory")) return ipl::Status::kOutOfMemory;
    if (speaksOf(text, "model") && (speaksOf(text, "not found") || speaksOf(text, "not exist")))
        return ipl::Status::kUnsupported;
    return code == 400 || code == 422 ? ipl::Status::kUnsupported : ipl::Status::kUpstream;
}

}  // namespace upstream
