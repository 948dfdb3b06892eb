#include "finish.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "noise.hpp"

namespace sketch {
namespace {

uint8_t byte(float value) {
    return static_cast<uint8_t>(clamp01(value) * 255.0F + 0.5F);
}
Rgb rgb(const uint8_t* p) {
    constexpr float k = 1.0F / 255;
    return {static_cast<float>(p[0]) * k, static_cast<float>(p[1]) * k,
            static_cast<float>(p[2]) * k};
}
void put(uint8_t* p, Rgb c) {
    p[0] = byte(c.r);
    p[1] = byte(c.g);
    p[2] = byte(c.b);
}

/// 256 colours from dark to light through the palette.
std::array<Rgb, 256> ramp(std::vector<Rgb> palette) {
    std::sort(palette.begin(), palette.end(), [](Rgb a, Rgb b) { return luma(a) < luma(b); });
    struct Stop {
        float at;
        Rgb color;
    };
    std::vector<Stop> stops = {{0.0F, palette.front() * 0.12F}};
    for (const Rgb color : palette) {
        const float at = std::max(std::min(luma(color), 0.97F), stops.back().at + 0.04F);
        stops.push_back({at, color});
    }
    stops.push_back({1.02F, mix(palette.back(), Rgb{1, 1, 1}, 0.85F)});
    std::array<Rgb, 256> out{};
    size_t k = 0;
    for (size_t i = 0; i < out.size(); ++i) {
        const float l = static_cast<float>(i) / 255;
        while (k + 2 < stops.size() && l > stops[k + 1].at)
            ++k;
        out[i] = mix(stops[k].color, stops[k + 1].color,
                     clamp01((l - stops[k].at) / (stops[k + 1].at - stops[k].at)));
    }
    return out;
}

/// The colours that subjects were given for themselves: the palette of the whole leaves them alone.
class OwnColors {
  public:
    explicit OwnColors(const Scene& scene) {
        for (const Subject& subject : scene.subjects) {
            if (!subject.color || count_ == colors_.size()) continue;
            const Rgb c = *subject.color;
            // A pale or grey subject has no colour that could be told from the surroundings.
            if (std::max({c.r, c.g, c.b}) - std::min({c.r, c.g, c.b}) < 0.35F) continue;
            colors_[count_++] = tint(c);
        }
    }
    bool holds(Rgb c) const {
        if (count_ == 0 || std::max({c.r, c.g, c.b}) - std::min({c.r, c.g, c.b}) < 0.1F) {
            return false;
        }
        const Rgb t = tint(c);
        for (size_t i = 0; i < count_; ++i) {
            const Rgb d = t - colors_[i];
            if (d.r * d.r + d.g * d.g + d.b * d.b < 0.02F) return true;
        }
        return false;
    }

  private:
    static Rgb tint(Rgb c) { return c * (1 / std::max(c.r + c.g + c.b, 0.01F)); }

    std::array<Rgb, 8> colors_{};
    size_t count_ = 0;
};

Rgb toned(Rgb c, Tone tone) {
    switch (tone) {
        case Tone::monochrome:
            return saturate(c, 0);
        case Tone::noir: {
            const float l = smooth(0.05F, 0.85F, luma(c));
            return {l * 0.96F, l * 0.97F, l};
        }
        case Tone::sepia:
            return mix(hex(0x2c1c10), hex(0xf6e4c4), luma(c));
        case Tone::warm:
            return c * Rgb{1.07F, 1.0F, 0.88F};
        case Tone::cool:
            return c * Rgb{0.9F, 0.99F, 1.08F};
        case Tone::faded:
            return mix(saturate(c, 0.72F), hex(0xf0dcc0), 0.13F) * 0.94F +
                   Rgb{0.05F, 0.045F, 0.05F};
        default:
            return c;
    }
}

}  // namespace

Bitmap grade(const Canvas& canvas, const Scene& scene, float guidance, Rng rng) {
    Bitmap out(canvas.width(), canvas.height());
    const float g = std::clamp(guidance, 0.0F, 20.0F);
    const float vivid = 0.86F + 0.05F * std::min(g, 10.0F);
    const float contrast = 0.97F + 0.014F * std::min(g, 10.0F);
    const float pull =
        scene.palette.empty() ? 0 : std::min(0.85F, scene.paletteStrength * (0.72F + 0.08F * g));
    std::array<Rgb, 256> map{};
    if (pull > 0) map = ramp(scene.palette);
    const OwnColors own(scene);
    const float cx = canvas.w() / 2;
    const float cy = canvas.h() / 2;
    const float dark = 0.2F + 0.15F * scene.gloom;
    uint32_t dither = static_cast<uint32_t>(rng.next()) | 1U;
    for (int y = 0; y < canvas.height(); ++y) {
        const float vy = (static_cast<float>(y) - cy) / cy;
        uint8_t* p = out.at(0, y);
        for (int x = 0; x < canvas.width(); ++x, p += 3) {
            Rgb c = clamp01(canvas.at(x, y));
            if (pull > 0) {
                const float l = luma(c);
                // The lightness stays, so that the picture keeps its drawing.
                c = mix(c, map[static_cast<size_t>(l * 255)], pull * (own.holds(c) ? 0.2F : 1));
            }
            c = saturate(c, vivid);
            c = {0.47F + (c.r - 0.47F) * contrast, 0.47F + (c.g - 0.47F) * contrast,
                 0.47F + (c.b - 0.47F) * contrast};
            if (scene.tone != Tone::plain) c = toned(clamp01(c), scene.tone);
            const float vx = (static_cast<float>(x) - cx) / cx;
            c = c * (1 - dark * clamp01((vx * vx + vy * vy) * 0.5F - 0.22F));
            // A grain of noise, so that smooth skies do not show steps.
            dither = dither * 1664525U + 1013904223U;
            const float n = (static_cast<float>(dither >> 16) * (1.0F / 65536) - 0.5F) * 0.006F;
            put(p, c + Rgb{n, n, n});
        }
    }
    return out;
}

Bitmap merge(const Bitmap& input, const Bitmap& scene, float strength, Rng rng) {
    if (strength <= 0) return input;
    if (strength >= 1) return scene;
    Bitmap out(input.width, input.height);
    // Mean and spread of both, to bring the input's colours towards the scene's.
    const auto measure = [](const Bitmap& b, std::array<float, 3>& mean,
                            std::array<float, 3>& spread) {
        std::array<double, 3> sum{};
        std::array<double, 3> squares{};
        double n = 0;
        for (size_t i = 0; i + 2 < b.rgb.size(); i += 51) {
            for (size_t c = 0; c < 3; ++c) {
                const double v = b.rgb[i + c];
                sum[c] += v;
                squares[c] += v * v;
            }
            n += 1;
        }
        for (size_t c = 0; c < 3; ++c) {
            mean[c] = static_cast<float>(sum[c] / std::max(n, 1.0));
            const double variance = squares[c] / std::max(n, 1.0) -
                                    static_cast<double>(mean[c]) * static_cast<double>(mean[c]);
            spread[c] = static_cast<float>(std::sqrt(std::max(variance, 16.0)));
        }
    };
    std::array<float, 3> inMean{};
    std::array<float, 3> inSpread{};
    std::array<float, 3> toMean{};
    std::array<float, 3> toSpread{};
    measure(input, inMean, inSpread);
    measure(scene, toMean, toSpread);
    const float recolor = std::min(strength * 0.9F, 0.75F);
    const auto seed = static_cast<uint32_t>(rng.next());
    const float unit = static_cast<float>(std::min(input.width, input.height));
    const Field field(
        input.width, input.height, std::max(2, static_cast<int>(unit / 200)),
        [&](float x, float y) { return fbm(x / unit * 3.2F, y / unit * 3.2F, 4, seed); });
    const float level = smooth(0.25F, 1.0F, strength);
    for (int y = 0; y < out.height; ++y) {
        for (int x = 0; x < out.width; ++x) {
            const uint8_t* a = input.at(x, y);
            const uint8_t* b = scene.at(x, y);
            uint8_t* p = out.at(x, y);
            // The scene breaks through in patches, not as an even veil.
            const float n = field.at(static_cast<float>(x), static_cast<float>(y));
            const float patch = smooth(-0.2F, 0.2F, level * 1.4F - 0.2F - n);
            const float share =
                std::max(strength * strength * strength, 0.65F * patch * level + 0.35F * level);
            for (size_t c = 0; c < 3; ++c) {
                const float v = static_cast<float>(a[c]);
                const float matched =
                    (v - inMean[c]) * std::min(toSpread[c] / inSpread[c], 1.6F) + toMean[c];
                const float own = mix(v, matched, recolor);
                p[c] = static_cast<uint8_t>(
                    std::clamp(mix(own, static_cast<float>(b[c]), share), 0.0F, 255.0F));
            }
        }
    }
    return out;
}

void stylise(Bitmap& target, const Scene& scene) {
    const int w = target.width;
    const int h = target.height;
    if (scene.style == Style::flat) {
        for (uint8_t& v : target.rgb) {
            const float level = std::floor(static_cast<float>(v) / 255 * 9 + 0.5F) / 9;
            v = static_cast<uint8_t>(mix(static_cast<float>(v), level * 255, 0.8F));
        }
    } else if (scene.style == Style::mosaic) {
        const int tile = std::max(4, std::min(w, h) / 96);
        const Bitmap small = cover(target, std::max(w / tile, 1), std::max(h / tile, 1));
        for (int y = 0; y < h; ++y) {
            for (int x = 0; x < w; ++x) {
                const uint8_t* s = small.at(std::min(x * small.width / w, small.width - 1),
                                            std::min(y * small.height / h, small.height - 1));
                std::copy(s, s + 3, target.at(x, y));
            }
        }
    } else if (scene.style == Style::ink) {
        const Bitmap source = target;
        const Rgb paper = hex(0xf4eee0);
        const Rgb ink = scene.palette.empty()
                            ? hex(0x1c2230)
                            : mix(hex(0x1c2230), scene.palette.front() * 0.5F, 0.5F);
        const float unit = static_cast<float>(std::min(w, h));
        const float pitch = std::max(unit / 170, 3.5F);
        const int reach = std::max(1, static_cast<int>(unit / 700));
        const auto light = [&](int x, int y) {
            const uint8_t* p = source.at(std::clamp(x, 0, w - 1), std::clamp(y, 0, h - 1));
            return static_cast<float>(p[0] * 3 + p[1] * 6 + p[2]) / 2550;
        };
        for (int y = 0; y < h; ++y) {
            for (int x = 0; x < w; ++x) {
                const float l = light(x, y);
                const float edge = std::hypot(light(x + reach, y) - light(x - reach, y),
                                              light(x, y + reach) - light(x, y - reach));
                float dark = smooth(0.06F, 0.2F, edge);
                // Hatching: one direction for half tones, a second for the dark.
                const float fx = static_cast<float>(x);
                const float fy = static_cast<float>(y);
                const float wobble = 2.2F * noise(fx / unit * 12, fy / unit * 12, 5);
                const float first = 0.5F + 0.5F * std::sin((fx + fy) / pitch * 4.4F + wobble);
                const float second = 0.5F + 0.5F * std::sin((fx - fy) / pitch * 4.4F + wobble);
                dark = std::max(dark, smooth(0.0F, 0.25F, first - 0.25F - l * 1.25F) * 0.85F);
                dark = std::max(dark, smooth(0.0F, 0.25F, second - 0.35F - l * 2.4F) * 0.85F);
                const Rgb wash = mix(paper, rgb(source.at(x, y)), 0.34F);
                put(target.at(x, y), mix(wash, ink, dark));
            }
        }
    } else if (scene.style == Style::watercolour) {
        for (int y = 0; y < h; ++y) {
            for (int x = 0; x < w; ++x) {
                uint8_t* p = target.at(x, y);
                Rgb c = rgb(p);
                c = saturate(mix(c, Rgb{1, 0.985F, 0.95F}, 0.2F), 1.08F);
                put(p, c);
            }
        }
    }
}

void finish(Bitmap& painting, const Bitmap& target, const Scene& scene, float amount, Rng rng) {
    const int w = painting.width;
    const int h = painting.height;
    float brush = 0.9F;
    float trust = 0.62F;  // how far the drawing corrects strokes that went astray
    float grain = 0.012F;
    switch (scene.style) {
        case Style::photo:
            brush = 0.22F;
            grain = 0.03F;
            break;
        case Style::flat:
            brush = 0.25F;
            grain = 0.006F;
            break;
        case Style::ink:
            brush = 0.06F;
            grain = 0.012F;
            break;
        case Style::mosaic:
            brush = 0;
            grain = 0;
            break;
        case Style::watercolour:
            brush = 0.9F;
            trust = 0.55F;
            grain = 0.008F;
            break;
        default:
            break;
    }
    brush *= amount;
    grain *= std::min(1.0F, amount + 0.05F);
    uint32_t state = static_cast<uint32_t>(rng.next()) | 1U;
    const auto seed = static_cast<uint32_t>(rng.next());
    const float unit = static_cast<float>(std::min(w, h));
    const bool paper = scene.style == Style::watercolour && amount > 0;
    const int grainLevel = static_cast<int>(grain * 255);
    const int brushLevel = static_cast<int>(brush * 256);
    std::array<int, 766> shares{};
    for (size_t d = 0; d < shares.size(); ++d) {
        const float astray = smooth(45, 200, static_cast<float>(d)) * trust;
        shares[d] = static_cast<int>(static_cast<float>(brushLevel) * (1 - astray));
    }
    for (int y = 0; y < h; ++y) {
        uint8_t* p = painting.at(0, y);
        const uint8_t* t = target.at(0, y);
        for (int x = 0; x < w; ++x, p += 3, t += 3) {
            const int d = std::abs(p[0] - t[0]) + std::abs(p[1] - t[1]) + std::abs(p[2] - t[2]);
            const int share = shares[static_cast<size_t>(d)];
            state = state * 1664525U + 1013904223U;
            const int n = grainLevel > 0
                              ? static_cast<int>(state >> 16) % (2 * grainLevel + 1) - grainLevel
                              : 0;
            for (int c = 0; c < 3; ++c) {
                const int v = t[c] + ((p[c] - t[c]) * share >> 8) + n;
                p[c] = static_cast<uint8_t>(std::clamp(v, 0, 255));
            }
            if (!paper) continue;
            // The wash stops short of the sheet's edge, and pigment settles in the paper.
            const float fx = static_cast<float>(x);
            const float fy = static_cast<float>(y);
            const float rough = noise(fx / unit * 260, fy / unit * 260, seed);
            const float blot =
                noise(fx / unit * 16, fy / unit * 16, seed + 3) * 0.035F + rough * 0.008F;
            const float border =
                std::min({fx, fy, static_cast<float>(w) - fx, static_cast<float>(h) - fy}) / unit;
            const float inside = smooth(0.012F, 0.02F, border - blot);
            const float rim = smooth(0.05F, 0.0F, std::fabs(border - blot - 0.024F) * 6) * inside;
            Rgb c = rgb(p) * (1 - 0.1F * rim) * (0.95F + 0.08F * rough);
            put(p, mix(hex(0xfbf8f0), c, inside));
        }
    }
}

}  // namespace sketch
