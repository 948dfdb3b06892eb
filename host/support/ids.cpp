#include "support/ids.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace host {

namespace {

void fillRandom(unsigned char* to, std::size_t size) {
    while (size > 0) {
        const ssize_t got = ::getrandom(to, size, 0);
        if (got < 0) {
            if (errno == EINTR) continue;
            throw std::system_error(errno, std::generic_category(), "getrandom");
        }
        to += got;
        size -= static_cast<std::size_t>(got);
    }
}

bool isCorrelationChar(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == ':' || c == '-';
}

}  // namespace

std::string randomHex(std::size_t bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string raw(bytes, '\0');
    fillRandom(reinterpret_cast<unsigned char*>(raw.data()), raw.size());
    std::string text;
    text.reserve(2 * bytes);
    for (const char c : raw) {
        const auto byte = static_cast<unsigned char>(c);
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

std::int64_t randomSeed() {
    std::uint64_t value = 0;
    fillRandom(reinterpret_cast<unsigned char*>(&value), sizeof value);
    return static_cast<std::int64_t>(value & ((std::uint64_t{1} << 53) - 1));
}

bool isSaneCorrelationId(std::string_view id) {
    return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), isCorrelationChar);
}

}  // namespace host
