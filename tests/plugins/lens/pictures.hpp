#pragma once
// Pictures painted pixel by pixel, and what the analyser says about them.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "lens/scene.hpp"

namespace pictures {

using lens::Json;
using lens::Rgb;

struct Picture {
    int width = 0;
    int height = 0;
    std::vector<uint8_t> rgb;
};

/// color(x, y), both from 0 to 1.
template <class Color>
Picture paint(int width, int height, Color color) {
    Picture out{width, height, {}};
    out.rgb.reserve(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const Rgb c = color((x + 0.5) / width, (y + 0.5) / height);
            out.rgb.insert(out.rgb.end(), {c.r, c.g, c.b});
        }
    }
    return out;
}

inline Picture plain(Rgb color, int width = 64, int height = 48) {
    return paint(width, height, [color](double, double) { return color; });
}

inline Rgb grey(double v) {
    const auto byte = static_cast<uint8_t>(v <= 0 ? 0 : v >= 1 ? 255 : v * 255);
    return {byte, byte, byte};
}

/// The same for the same place, and without a pattern: grain as a sensor makes it.
inline double noise(double x, double y) {
    auto h = static_cast<uint32_t>(x * 48271.0) * 2654435761U;
    h ^= static_cast<uint32_t>(y * 69621.0) * 2246822519U;
    h ^= h >> 15;
    h *= 3266489917U;
    h ^= h >> 13;
    return h / 4294967296.0;
}

inline Json look(const Picture& picture, const std::string& extra = "{}",
                 const std::string& steering = {}) {
    lens::Order order;
    order.view = {picture.width, picture.height, picture.rgb};
    order.extra = extra;
    order.steering = steering;
    auto scene = lens::sceneOf(order, [] { return true; });
    if (!scene) throw std::runtime_error("no scene");
    return *scene;
}

inline Json look(const Picture& picture, const Json& extra, const std::string& steering = {}) {
    return look(picture, extra.dump(-1, ' ', false, Json::error_handler_t::replace), steering);
}

inline std::string text(const Json& scene, const char* field) {
    return scene.at(field).get<std::string>();
}

/// Every field of the contract, in its order and of its type, and a size that a prompt may have.
inline void expectScene(const Json& scene) {
    const std::vector<std::string> fields = {
        "scene",      "props", "subjects",   "style",       "color_palette", "lighting", "mood",
        "film_stock", "era",   "background", "composition", "time_weather",  "camera"};
    size_t at = 0;
    for (const auto& [name, value] : scene.items()) {
        if (at < fields.size()) {
            EXPECT_EQ(name, fields[at]);
        }
        ++at;
    }
    ASSERT_GE(at, fields.size());
    for (const std::string& name : fields) {
        if (name == "subjects" || name == "color_palette") {
            EXPECT_TRUE(scene[name].is_array()) << name;
        } else if (name == "camera") {
            EXPECT_TRUE(scene[name].is_object());
        } else {
            EXPECT_TRUE(scene[name].is_string()) << name;
        }
    }
    EXPECT_GE(scene["color_palette"].size(), 3U);
    EXPECT_LE(scene["color_palette"].size(), 5U);
    for (const Json& color : scene["color_palette"])
        EXPECT_TRUE(color.is_string() && !color.get<std::string>().empty());
    for (const Json& subject : scene["subjects"]) {
        EXPECT_TRUE(subject["description"].is_string());
        EXPECT_TRUE(subject["position"].is_string());
        EXPECT_TRUE(subject["color_palette"].is_array());
    }
    for (const char* name :
         {"angle", "distance", "lens", "f_number", "shutter_speed", "aspect_ratio", "focus"})
        EXPECT_TRUE(scene["camera"][name].is_string()) << name;
    const Json& iso = scene["camera"]["iso"];
    EXPECT_TRUE(iso.is_null() || iso.is_number());
    EXPECT_FALSE(scene["camera"]["aspect_ratio"].get<std::string>().empty());
    // Throws for text that is not UTF-8.
    EXPECT_LE(scene.dump(2).size(), 4 * lens::kMaxScene);
    EXPECT_EQ(scene["analysis"], "measured, no objects recognised");
}

}  // namespace pictures
