#include "color.hpp"

#include <array>

namespace sketch {
namespace {

struct Named {
    std::string_view name;
    unsigned value;
};

constexpr std::array kNames = {
    Named{"red", 0xc8281e},       Named{"crimson", 0xb0142c},     Named{"scarlet", 0xd8301c},
    Named{"maroon", 0x701820},    Named{"burgundy", 0x6a1428},    Named{"vermilion", 0xe04428},
    Named{"ruby", 0xa8123c},      Named{"rose", 0xe27a92},        Named{"pink", 0xf09ab4},
    Named{"coral", 0xf4785a},     Named{"salmon", 0xf29078},      Named{"peach", 0xf8bc94},
    Named{"magenta", 0xc4289c},   Named{"fuchsia", 0xd42ca8},     Named{"orange", 0xee8220},
    Named{"amber", 0xf0a024},     Named{"apricot", 0xf4b078},     Named{"rust", 0xa84c1c},
    Named{"copper", 0xb46a3c},    Named{"bronze", 0xa0703a},      Named{"terracotta", 0xc4643c},
    Named{"ochre", 0xc48a2c},     Named{"ocher", 0xc48a2c},       Named{"gold", 0xd8a428},
    Named{"golden", 0xdca834},    Named{"yellow", 0xf2cc30},      Named{"lemon", 0xf4e04c},
    Named{"mustard", 0xc89c28},   Named{"sand", 0xd8bc88},        Named{"beige", 0xe0d0b0},
    Named{"cream", 0xf6ecd0},     Named{"ivory", 0xf6f2e0},       Named{"brown", 0x70482a},
    Named{"chocolate", 0x54301c}, Named{"sienna", 0xa0522d},      Named{"umber", 0x5c4430},
    Named{"sepia", 0x80603c},     Named{"tan", 0xc8a478},         Named{"green", 0x3c8c40},
    Named{"emerald", 0x1c9460},   Named{"lime", 0x98cc34},        Named{"olive", 0x7a7c34},
    Named{"sage", 0x9cac88},      Named{"mint", 0xa4dcc0},        Named{"moss", 0x66783c},
    Named{"jade", 0x2c9c74},      Named{"teal", 0x1c8084},        Named{"turquoise", 0x38bcb8},
    Named{"aqua", 0x4cc8cc},      Named{"cyan", 0x30b8d4},        Named{"blue", 0x2c5cb4},
    Named{"azure", 0x3c90dc},     Named{"navy", 0x182c58},        Named{"indigo", 0x3c2c84},
    Named{"cobalt", 0x1c48a4},    Named{"ultramarine", 0x2434a0}, Named{"cerulean", 0x3088b8},
    Named{"sapphire", 0x1c3c94},  Named{"slate", 0x5c6c7c},       Named{"steel", 0x78889a},
    Named{"purple", 0x74349c},    Named{"violet", 0x7c4cb4},      Named{"lavender", 0xb8a4dc},
    Named{"lilac", 0xc4a0d0},     Named{"plum", 0x783c6c},        Named{"mauve", 0xa4789c},
    Named{"white", 0xf4f4f0},     Named{"silver", 0xb8bcc4},      Named{"grey", 0x84888c},
    Named{"gray", 0x84888c},      Named{"charcoal", 0x34383e},    Named{"black", 0x16161a},
    Named{"rot", 0xc8281e},       Named{"blau", 0x2c5cb4},        Named{"rouge", 0xc8281e},
    Named{"bleu", 0x2c5cb4},      Named{"rojo", 0xc8281e},        Named{"azul", 0x2c5cb4},
};

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

Rgb hsv(float hue, float saturation, float value) {
    const float h = (hue - std::floor(hue)) * 6.0F;
    const auto channel = [&](float offset) {
        const float k = std::fmod(offset + h, 6.0F);
        return value - value * saturation * clamp01(std::min(k, 4.0F - k));
    };
    return {channel(5), channel(3), channel(1)};
}

std::optional<Rgb> colorNamed(std::string_view word) {
    if (word.starts_with('#') && (word.size() == 4 || word.size() == 7)) {
        unsigned value = 0;
        for (const char c : word.substr(1)) {
            const int d = digit(c);
            if (d < 0) return std::nullopt;
            value = value * 16 + static_cast<unsigned>(d);
            if (word.size() == 4) value = value * 16 + static_cast<unsigned>(d);
        }
        return hex(value);
    }
    for (const Named& named : kNames) {
        if (named.name == word) return hex(named.value);
    }
    return std::nullopt;
}

}  // namespace sketch
