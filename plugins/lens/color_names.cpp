#include "color_names.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace lens {
namespace {

struct Named {
    std::string_view name;
    uint32_t hex;
};

/// A name may stand more than once: it covers what is near any of its colours.
constexpr std::array kNames = {
    Named{"black", 0x000000},
    Named{"black", 0x101012},
    Named{"soft black", 0x1c1c1e},
    Named{"charcoal", 0x33363a},
    Named{"gunmetal", 0x2a3439},
    Named{"dark grey", 0x4d4d4d},
    Named{"dim grey", 0x696969},
    Named{"grey", 0x808080},
    Named{"mid grey", 0x989898},
    Named{"ash grey", 0xb2b2b0},
    Named{"silver", 0xc4c8cc},
    Named{"light grey", 0xd6d6d6},
    Named{"pale grey", 0xe8e8e8},
    Named{"white", 0xffffff},
    Named{"white", 0xf7f7f7},
    Named{"warm grey", 0x8f867c},
    Named{"taupe", 0x857463},
    Named{"dark taupe", 0x4a4038},
    Named{"stone", 0xb5aa9a},
    Named{"cool grey", 0x8a929c},
    Named{"slate grey", 0x6a7684},
    Named{"dark slate", 0x384450},
    Named{"pale slate", 0xaab4c0},
    Named{"ivory", 0xfaf6e6},
    Named{"cream", 0xf6ecca},
    Named{"linen", 0xf2e8dc},
    Named{"beige", 0xe2d3b4},
    Named{"sand", 0xd4b886},
    Named{"tan", 0xc9a279},
    Named{"khaki", 0xb0a070},
    Named{"camel", 0xb08a58},
    Named{"bronze", 0x96703a},
    Named{"copper", 0xb8733a},
    Named{"brown", 0x7a4a26},
    Named{"dark brown", 0x472c1a},
    Named{"chocolate", 0x5c3420},
    Named{"chestnut", 0x8a4530},
    Named{"umber", 0x604a34},
    Named{"espresso", 0x2e1f18},
    Named{"mocha", 0x8c6a52},
    Named{"rosy brown", 0xb88c80},
    Named{"sienna", 0xa0522d},
    Named{"terracotta", 0xc8643e},
    Named{"rust", 0xa8481c},
    Named{"brick red", 0xa03a2e},
    Named{"red", 0xff0000},
    Named{"red", 0xd8261c},
    Named{"scarlet", 0xf03a1e},
    Named{"crimson", 0xc0143c},
    Named{"deep red", 0x8e0e12},
    Named{"maroon", 0x6a1420},
    Named{"burgundy", 0x5a1630},
    Named{"oxblood", 0x3c0c10},
    Named{"ruby red", 0xa01040},
    Named{"coral", 0xff7a5c},
    Named{"salmon", 0xf49a84},
    Named{"peach", 0xfcc8a4},
    Named{"apricot", 0xf6b070},
    Named{"blush", 0xf0d0c8},
    Named{"dusty rose", 0xb87a84},
    Named{"rose", 0xe06a88},
    Named{"pink", 0xffa0c0},
    Named{"pale pink", 0xfad4de},
    Named{"hot pink", 0xff4aa0},
    Named{"raspberry", 0xc42a68},
    Named{"fuchsia", 0xd8249a},
    Named{"magenta", 0xff00ff},
    Named{"magenta", 0xd030c8},
    Named{"orchid", 0xd672d0},
    Named{"plum", 0x783a72},
    Named{"aubergine", 0x401a3c},
    Named{"mauve", 0xa87c9c},
    Named{"lilac", 0xc8a8d4},
    Named{"pale lavender", 0xe4dcf2},
    Named{"lavender", 0xb8a4e4},
    Named{"amethyst", 0x9860c8},
    Named{"purple", 0x8a2ab0},
    Named{"purple", 0x800080},
    Named{"deep purple", 0x461a6a},
    Named{"violet", 0x8040e0},
    Named{"violet", 0x8a2be2},
    Named{"indigo", 0x3c2090},
    Named{"dusky violet", 0x5c5080},
    Named{"midnight violet", 0x241c38},
    Named{"blue", 0x0000ff},
    Named{"blue", 0x2050d8},
    Named{"cobalt blue", 0x1848a8},
    Named{"royal blue", 0x4068e4},
    Named{"deep blue", 0x10287c},
    Named{"navy", 0x14204e},
    Named{"midnight blue", 0x0e1630},
    Named{"ink blue", 0x1c2a40},
    Named{"denim blue", 0x3c5c8c},
    Named{"steel blue", 0x5080b0},
    Named{"dusty blue", 0x7a94b4},
    Named{"cornflower blue", 0x6c98ec},
    Named{"azure", 0x3a90e8},
    Named{"azure", 0x0080ff},
    Named{"sky blue", 0x84c0ec},
    Named{"pale blue", 0xc4dcf0},
    Named{"ice blue", 0xe0eef6},
    Named{"periwinkle blue", 0xa4b0ec},
    Named{"cerulean", 0x1c80b0},
    Named{"petrol blue", 0x0c4458},
    Named{"cyan", 0x00ffff},
    Named{"cyan", 0x28c4e8},
    Named{"turquoise", 0x30c8bc},
    Named{"aquamarine", 0x78e4c8},
    Named{"pale aqua", 0xbce8e4},
    Named{"teal", 0x108488},
    Named{"deep teal", 0x0a4c50},
    Named{"dark teal", 0x0c2e32},
    Named{"dusty teal", 0x5c8c8c},
    Named{"jade green", 0x1ca474},
    Named{"emerald green", 0x108c50},
    Named{"sea green", 0x4ca88c},
    Named{"mint green", 0xa8e4c4},
    Named{"pale green", 0xd0ecd0},
    Named{"green", 0x00ff00},
    Named{"green", 0x28a838},
    Named{"green", 0x008000},
    Named{"bright green", 0x50d850},
    Named{"dark green", 0x12502a},
    Named{"forest green", 0x2c5c34},
    Named{"pine green", 0x183020},
    Named{"grass green", 0x6a9c3c},
    Named{"leaf green", 0x5c8840},
    Named{"moss green", 0x5c6a34},
    Named{"fern green", 0x7ca870},
    Named{"sage green", 0xa2b090},
    Named{"dusty green", 0x6c8468},
    Named{"olive", 0x787828},
    Named{"dark olive", 0x3c3e1c},
    Named{"lime green", 0xa4e024},
    Named{"lime green", 0x80ff00},
    Named{"pale lime", 0xdcf0a0},
    Named{"chartreuse", 0xd0f020},
    Named{"yellow", 0xffff00},
    Named{"yellow", 0xf8dc28},
    Named{"lemon yellow", 0xfaf070},
    Named{"pale yellow", 0xfaf4bc},
    Named{"mustard yellow", 0xc8a020},
    Named{"straw yellow", 0xe4d080},
    Named{"gold", 0xe0b030},
    Named{"amber", 0xffbf00},
    Named{"ochre", 0xc4862a},
    Named{"dark gold", 0x8c6c14},
    Named{"orange", 0xff8000},
    Named{"orange", 0xf09030},
    Named{"burnt orange", 0xd4601a},
    Named{"bright orange", 0xff5c10},
    Named{"pale orange", 0xfcd09a},
    Named{"orange", 0xffa500},
    Named{"navy", 0x000080},
    Named{"ultramarine blue", 0x0808b0},
    Named{"midnight blue", 0x000030},
    Named{"slate blue", 0x5a5ab4},
    Named{"dusty red", 0xb45a58},
    Named{"jungle green", 0x085c10},
    Named{"olive yellow", 0xb4b42c},
    Named{"dark grey", 0x3e3e3e},
    Named{"pale sage", 0xd2dabc},
    Named{"greenish grey", 0x828e80},
    Named{"dark greenish grey", 0x3c4640},
    Named{"dusky purple", 0x544860},
    Named{"white", 0xfafcff},
    Named{"green", 0x48a014},
    Named{"spring green", 0x20e890},
    Named{"rose red", 0xe01050},
    Named{"electric violet", 0xb020e8},
};

/// Beyond this a name would mislead.
constexpr float kClose = 0.10F;

/// Near grey a small distance is another colour all the same: brownish, bluish or none.
bool sameKind(Lab x, float xChroma, Lab y, float yChroma) {
    constexpr float kGrey = 0.006F;
    constexpr float kNone = 0.012F;
    constexpr float kSome = 0.022F;
    constexpr float kBlack = 0.18F;
    if (x.l < kBlack && y.l < kBlack) return true;
    const float less = std::min(xChroma, yChroma);
    const float more = std::max(xChroma, yChroma);
    if (less < kGrey) return more < kNone;
    if (less < kNone) return more < kSome;
    const float apart = std::abs(hue(x) - hue(y));
    return std::min(apart, 360.0F - apart) < 50;
}

std::string_view neutralName(float l) {
    if (l < 0.20F) return "black";
    if (l < 0.45F) return "dark grey";
    if (l < 0.72F) return "grey";
    if (l < 0.93F) return "light grey";
    return "white";
}

std::string_view family(float h, float l, float c) {
    if (h < 12 || h >= 350) return l > 0.6F ? "pink" : "crimson";
    if (h < 43) return l > 0.72F ? "pink" : (l < 0.45F && c < 0.10F ? "brown" : "red");
    if (h < 80) {
        if (l < 0.58F && c < 0.15F) return "brown";
        return c < 0.07F ? "beige" : "orange";
    }
    if (h < 117) {
        if (l > 0.72F) return c < 0.07F ? "beige" : "yellow";
        return c < 0.06F ? "brown" : "olive";
    }
    if (h < 168) return "green";
    if (h < 220) return l > 0.78F ? "cyan" : "teal";
    if (h < 285) return "blue";
    if (h < 318 || (h < 335 && l < 0.5F)) return "purple";
    return "magenta";
}

}  // namespace

std::string hexOf(Lab color) {
    const Rgb rgb = rgbOf(color);
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "#%02x%02x%02x", rgb.r, rgb.g, rgb.b);
    return text.data();
}

std::string nameOf(Lab color) {
    float best = kClose;
    std::string_view name;
    const float c = chroma(color);
    for (const Named& named : kNames) {
        const Lab its = labOf(rgbOf(named.hex));
        const float far = difference(its, color);
        if (far < best && sameKind(its, chroma(its), color, c)) {
            best = far;
            name = named.name;
        }
    }
    return name.empty() ? hexOf(color) : std::string(name);
}

std::string plainName(Lab color) {
    const float c = chroma(color);
    const bool dark = color.l < 0.10F || (color.l < 0.19F && c < 0.035F);
    if (c < 0.018F || dark || color.l > 0.985F) return std::string(neutralName(color.l));
    const std::string_view base = family(hue(color), color.l, c);
    std::string out;
    if (color.l < 0.25F) {
        out = "very dark ";
    } else if (color.l < 0.45F) {
        out = "dark ";
    } else if (c > 0.175F) {
        out = "vivid ";
    } else if (color.l > 0.85F && base != "yellow") {
        out = "pale ";
    } else if (color.l > 0.75F && base != "yellow" && base != "beige") {
        out = "light ";
    }
    if (c < 0.045F && base != "beige" && base != "brown") out += "greyish ";
    out += base;
    return out;
}

}  // namespace lens
