#include "words.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <initializer_list>
#include <utility>
#include <vector>

#include "color_names.hpp"

namespace lens {
namespace {

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
    std::string out;
    for (const std::string& part : parts) {
        if (part.empty()) continue;
        if (!out.empty()) out += between;
        out += part;
    }
    return out;
}

std::string key(const Figures& f) {
    if (f.p99 < 0.06F) return "almost black";
    if (f.p1 > 0.96F) return "almost white";
    if (f.p50 < 0.30F && f.mean < 0.38F) return "low-key";
    if (f.p50 > 0.72F && f.mean > 0.66F) return "high-key";
    return "mid-key";
}

std::string cast(const Figures& f) {
    if (blackAndWhite(f)) return "without colour";
    const float c = chroma(f.cast);
    // In the dark less colour is seen as more.
    if (c < std::min(0.022F, 0.06F * f.cast.l)) return "neutral colour balance";
    const float h = hue(f.cast);
    if (h >= 15 && h < 115) return "warm tones";
    if (h >= 115 && h < 170) return "green-tinted";
    if (h >= 170 && h < 295) return "cool tones";
    return "magenta-tinted";
}

std::string contrast(const Figures& f) {
    if (f.contrast > 0.70F) return "high contrast";
    if (f.contrast < 0.35F) return "low contrast";
    return "medium contrast";
}

/// Whether light changes by steps or by degrees; a graphic's edges are no light.
std::string hardness(const Figures& f) {
    if (f.flatShare > 0.9F || flatGraphic(f) || f.contrast < 0.1F) return "";
    if (f.hardShare > 0.35F) return "hard transitions";
    if (f.hardShare < 0.10F) return "soft transitions";
    return "";
}

std::string brighter(const Grid& grid) {
    if (const std::string side = brighterSide(slopeOf(grid)); !side.empty())
        return "brighter towards " + side;
    constexpr float kClear = 0.12F;
    const float centre = meanOf(grid, Region::centre).color.l;
    const float border = meanOf(grid, Region::border).color.l;
    if (centre - border > kClear) return "brighter in the centre";
    if (border - centre > kClear) return "darker in the centre";
    return "";
}

std::string figure(double value, int decimals) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
    std::string out = text.data();
    if (out.find('.') != std::string::npos) {
        while (out.back() == '0')
            out.pop_back();
        if (out.back() == '.') out.pop_back();
    }
    return out;
}

}  // namespace

bool flatGraphic(const Figures& f) {
    return f.flatShare > 0.5F && f.fewShare > 0.6F && f.uniqueShare < 0.05F &&
           f.hardShare > 0.25F && f.sharpness > 0.2F;
}

bool blackAndWhite(const Figures& f) {
    return f.maxChroma < 0.012F;
}

std::string lightingOf(const Measured& measured) {
    const Figures& f = measured.figures;
    std::string first = key(f);
    if (first.starts_with("almost")) return first;
    return joined({first, cast(f), brighter(measured.grid), contrast(f), hardness(f)}, ", ");
}

std::string moodOf(const Figures& f) {
    if (flatGraphic(f) || f.p99 < 0.06F || f.p1 > 0.96F) return "";
    std::vector<std::string> parts;
    if (key(f) == "low-key") parts.emplace_back("dark");
    if (key(f) == "high-key" && f.contrast < 0.5F) parts.emplace_back("light");
    if (blackAndWhite(f)) {
        if (f.contrast > 0.8F) parts.emplace_back("stark");
    } else if (f.colourfulness > 62) {
        parts.emplace_back("vivid");
    }
    if (f.colourfulness < 22 && f.contrast < 0.55F) parts.emplace_back("subdued");
    return joined(parts, ", ");
}

std::string backgroundOf(const Grid& grid) {
    const auto name = [&](Region region) { return plainName(meanOf(grid, region).color); };
    const std::string top = name(Region::top);
    const std::string bottom = name(Region::bottom);
    const std::string left = name(Region::left);
    const std::string right = name(Region::right);
    const Cell border = meanOf(grid, Region::border);
    std::string out;
    if (top == bottom && left == right && top == left) {
        out = top + " along all edges";
    } else if (top != bottom) {
        out = top + " along the top edge, " + bottom + " along the bottom";
    } else if (left != right) {
        out = left + " along the left edge, " + right + " along the right";
    } else {
        out = top + " along the top and bottom edges, " + left + " at the sides";
    }
    if (border.detail < 3) {
        out += ", smooth";
    } else if (border.detail > 24) {
        out += ", busy";
    }
    return out;
}

std::string toneSentence(std::span<const Swatch> palette, uint32_t width, uint32_t height) {
    std::string out = "A ";
    const double ratio = static_cast<double>(width) / std::max(1U, height);
    if (ratio > 2.2) {
        out += "panorama-format";
    } else if (ratio > 1.05) {
        out += "landscape-format";
    } else if (ratio < 1 / 2.2) {
        out += "tall, narrow";
    } else if (ratio < 1 / 1.05) {
        out += "portrait-format";
    } else {
        out += "square";
    }
    out += " picture, ";

    std::vector<std::pair<std::string, float>> tones;
    for (const Swatch& swatch : palette) {
        const std::string name = plainName(swatch.color);
        const auto same = std::find_if(tones.begin(), tones.end(),
                                       [&](const auto& tone) { return tone.first == name; });
        if (same == tones.end()) {
            tones.emplace_back(name, swatch.share);
        } else {
            same->second += swatch.share;
        }
    }
    std::stable_sort(tones.begin(), tones.end(),
                     [](const auto& x, const auto& y) { return x.second > y.second; });
    if (tones.size() == 1) return out + "all " + tones[0].first;
    const bool one = tones[0].second > 0.5F;
    std::string rest;
    const size_t most = std::min<size_t>(tones.size(), 3);
    for (size_t i = 1; i < most; ++i) {
        if (i > 1) rest += i + 1 == most ? " and " : ", ";
        rest += tones[i].first;
    }
    if (one) return out + "mostly " + tones[0].first + ", with " + rest;
    return out + "in " + tones[0].first + (most > 2 ? ", " : " and ") + rest;
}

std::string styleOf(const Figures& figures, const About& about) {
    if (about.generation) {
        const Generation& g = *about.generation;
        std::vector<std::string> by;
        if (g.source == "comfyui") by.emplace_back("ComfyUI");
        if (g.source == "a1111") by.emplace_back("A1111-style generator");
        if (g.source == "image_pipeline") by.emplace_back("Image Pipeline");
        if (!g.model.empty()) by.push_back("model " + g.model);
        if (!g.sampler.empty()) by.push_back("sampler " + g.sampler);
        const std::string how = joined(by, ", ");
        return how.empty() ? "generated image" : "generated image (" + how + ")";
    }
    if (about.camera) {
        const Camera& c = *about.camera;
        const bool exposed = c.fNumber || c.exposureSeconds || c.focalLengthMm || c.iso;
        const std::string maker = c.model.starts_with(c.make) ? "" : c.make;
        const std::string body = joined({maker, c.model}, " ");
        if (exposed || !body.empty()) {
            std::string out = blackAndWhite(figures) ? "black and white photograph" : "photograph";
            if (!body.empty()) out += ", taken with " + body;
            return out;
        }
    }
    return flatGraphic(figures) ? "flat graphic or screenshot" : "";
}

std::string timeOf(const Camera& camera) {
    std::string out;
    if (!camera.takenAt.empty()) out = "taken " + camera.takenAt;
    if (camera.fNumber && camera.exposureSeconds && camera.iso && !camera.flash) {
        // How bright it was, from what the camera needed: 15 is full sun, 5 a lit room.
        const double ev = std::log2(*camera.fNumber * *camera.fNumber / *camera.exposureSeconds) -
                          std::log2(static_cast<double>(*camera.iso) / 100.0);
        if (ev > -10 && ev < 25) {
            const char* light =
                ev >= 12 ? "bright light" : (ev >= 7 ? "medium light" : "dim light");
            out += (out.empty() ? "exposed for " : ", exposed for ") + std::string(light) +
                   " (EV " + std::to_string(std::lround(ev)) + ")";
        }
    }
    return out;
}

std::string aspectRatio(uint32_t width, uint32_t height) {
    if (width == 0 || height == 0) return "";
    struct Ratio {
        int w;
        int h;
    };
    constexpr float kNear = 0.04F;
    const bool upright = width < height;
    const double ratio = static_cast<double>(std::max(width, height)) / std::min(width, height);
    double least = kNear;
    std::string long_;
    std::string short_ = "1";
    for (const Ratio r :
         {Ratio{1, 1}, {5, 4}, {4, 3}, {3, 2}, {16, 10}, {16, 9}, {2, 1}, {21, 9}, {3, 1}}) {
        const double off = std::abs(std::log(ratio * r.h / r.w));
        if (off < least) {
            least = off;
            long_ = std::to_string(r.w);
            short_ = std::to_string(r.h);
        }
    }
    if (long_.empty()) long_ = figure(ratio, 2);
    return upright ? short_ + ":" + long_ : long_ + ":" + short_;
}

std::string lensOf(const Camera& camera) {
    std::string focal;
    if (camera.focalLengthMm && *camera.focalLengthMm < 10000) {
        focal = figure(*camera.focalLengthMm, 1) + " mm";
        if (camera.focalLength35Mm && *camera.focalLength35Mm < 10000 &&
            std::abs(*camera.focalLength35Mm - *camera.focalLengthMm) >= 1)
            focal += " (" + figure(*camera.focalLength35Mm, 0) + " mm equivalent)";
    } else if (camera.focalLength35Mm && *camera.focalLength35Mm < 10000) {
        focal = figure(*camera.focalLength35Mm, 0) + " mm equivalent";
    }
    return joined({focal, camera.lens}, ", ");
}

std::string apertureOf(const Camera& camera) {
    return camera.fNumber && *camera.fNumber < 1000 ? "f/" + figure(*camera.fNumber, 1) : "";
}

std::string shutterOf(const Camera& camera) {
    if (!camera.exposureSeconds) return "";
    const double seconds = *camera.exposureSeconds;
    if (seconds > 1e6 || seconds < 1e-7) return "";
    return seconds < 0.4 ? "1/" + figure(1 / seconds, 0) + " s" : figure(seconds, 1) + " s";
}

}  // namespace lens
