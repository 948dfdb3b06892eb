#pragma once
// Seeded numbers that are the same on every machine and compiler (the standard distributions are
// not). An Rng is a plain value: one thread at a time, copied freely.

#include <cstdint>
#include <string_view>

namespace sketch {

inline uint64_t scramble(uint64_t x) {
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

inline uint64_t hashText(std::string_view text, uint64_t start = 0xcbf29ce484222325ULL) {
    for (const char c : text) {
        start = (start ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    return scramble(start);
}

class Rng {
  public:
    explicit Rng(uint64_t seed) : state_(scramble(seed)) {}

    uint64_t next() { return scramble(state_ += 0x9e3779b97f4a7c15ULL); }
    /// 0 <= x < 1
    float unit() { return static_cast<float>(next() >> 40) * (1.0F / 16777216.0F); }
    float in(float low, float high) { return low + (high - low) * unit(); }
    /// 0 <= n < count; count must be above 0.
    int pick(int count) { return static_cast<int>((next() >> 33) % static_cast<uint64_t>(count)); }
    bool chance(float probability) { return unit() < probability; }
    /// An independent stream, so that one more star does not move the trees.
    Rng fork(uint64_t name) const { return Rng(state_ ^ scramble(name)); }

  private:
    uint64_t state_;
};

}  // namespace sketch
