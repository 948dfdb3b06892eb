#include "support/base64_blocks.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

namespace host {

namespace {

constexpr std::size_t kStep = 32;  // digits at a time, 24 bytes

// Bytes of `c` from `first` to `last`. Digits are ASCII: a byte from 128 on is negative and in
// none.
__attribute__((target("avx2"))) inline __m256i within(__m256i c, char first, char last) {
    const __m256i above = _mm256_cmpgt_epi8(c, _mm256_set1_epi8(static_cast<char>(first - 1)));
    const __m256i below = _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(last + 1)), c);
    return _mm256_and_si256(above, below);
}

__attribute__((target("avx2"))) std::size_t decodeAvx2(std::string_view text, char* out) {
    // A digit's value is its character plus what its range is away from its values.
    struct Range {
        char first, last, distance;
    };
    constexpr Range kRanges[] = {{'A', 'Z', 0 - 'A'},
                                 {'a', 'z', 26 - 'a'},
                                 {'0', '9', 52 - '0'},
                                 {'+', '+', 62 - '+'},
                                 {'/', '/', 63 - '/'}};
    // Values a, b, c, d of 6 bits come out as a << 18 | b << 12 | c << 6 | d, least byte first.
    const __m256i pairs = _mm256_set1_epi32(0x01400140);  // a * 64 + b, c * 64 + d
    const __m256i words = _mm256_set1_epi32(0x00011000);  // ab * 4096 + cd
    const __m256i turn = _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, 2,
                                          1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    const __m256i together = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7);
    std::size_t at = 0;
    for (; at + kStep <= text.size(); at += kStep, out += kStep / 4 * 3) {
        const __m256i c = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at));
        __m256i known = _mm256_setzero_si256();
        __m256i distance = _mm256_setzero_si256();
        for (const Range& range : kRanges) {
            const __m256i in = within(c, range.first, range.last);
            known = _mm256_or_si256(known, in);
            distance =
                _mm256_or_si256(distance, _mm256_and_si256(in, _mm256_set1_epi8(range.distance)));
        }
        if (_mm256_movemask_epi8(known) != -1) break;
        const __m256i values = _mm256_add_epi8(c, distance);
        const __m256i bits = _mm256_madd_epi16(_mm256_maddubs_epi16(values, pairs), words);
        const __m256i bytes =
            _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(bits, turn), together);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), bytes);
    }
    return at;
}

}  // namespace

std::size_t decodeBase64Blocks(std::string_view text, char* out) {
    static const bool able = __builtin_cpu_supports("avx2") != 0;
    return able ? decodeAvx2(text, out) : 0;
}

}  // namespace host

#else

namespace host {

std::size_t decodeBase64Blocks(std::string_view /*text*/, char* /*out*/) {
    return 0;
}

}  // namespace host

#endif
