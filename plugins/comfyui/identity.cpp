#include "comfyui/identity.hpp"

namespace comfyui {

namespace {

std::string hex(std::uint64_t value) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out(16, '0');
    for (std::size_t i = 16; i-- > 0; value >>= 4)
        out[i] = kDigits[value & 15];
    return out;
}

}  // namespace

// FNV-1a, its bits then mixed (the finalizer of MurmurHash3), since FNV's high bits move slowly.
std::uint64_t hash(std::string_view text, std::uint64_t salt) {
    std::uint64_t h = 14695981039346656037ULL ^ salt;
    for (unsigned char c : text)
        h = (h ^ c) * 1099511628211ULL;
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdULL;
    h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    return h ^ (h >> 33);
}

std::string hashText(std::string_view bytes) {
    return hex(hash(bytes, 0));
}

std::string uuidOf(std::string_view text) {
    std::string digits = hex(hash(text, 1)) + hex(hash(text, 0x9e3779b97f4a7c15ULL));
    digits[12] = '8';
    digits[16] = "89ab"[hash(text, 2) & 3];
    for (std::size_t at : {20, 16, 12, 8})
        digits.insert(at, "-");
    return digits;
}

}  // namespace comfyui
