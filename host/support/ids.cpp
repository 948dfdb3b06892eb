#include "support/ids.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace host {

namespace {

void askKernel(unsigned char* to, std::size_t size) {
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

// Every request needs a few bytes: the kernel is asked for many of them at a time. Bytes are handed
// out once and not kept.
class Stock {
  public:
    void take(unsigned char* to, std::size_t size) {
        if (size > left_) {
            left_ = 0;
            askKernel(bytes_.data(), bytes_.size());
            left_ = bytes_.size();
        }
        unsigned char* from = bytes_.data() + (left_ - size);
        std::copy_n(from, size, to);
        std::fill_n(from, size, static_cast<unsigned char>(0));
        left_ -= size;
    }
    static constexpr std::size_t kMost = 64;

  private:
    std::array<unsigned char, 1024> bytes_{};
    std::size_t left_ = 0;
};

void fillRandom(unsigned char* to, std::size_t size) {
    thread_local Stock stock;
    if (size <= Stock::kMost) {
        stock.take(to, size);
    } else {
        askKernel(to, size);
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
