#include "about.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace lens {
namespace {

constexpr double kMaxNumber = 9e15;

const Json* member(const Json& object, const char* name) {
    if (!object.is_object()) return nullptr;
    const auto it = object.find(name);
    return it == object.end() ? nullptr : &*it;
}

std::string label(const Json& object, const char* name, size_t most = kMaxLabel) {
    const Json* value = member(object, name);
    return value != nullptr && value->is_string()
               ? upstream::excerpt(value->get_ref<const std::string&>(), most)
               : "";
}

/// A number above zero.
std::optional<double> number(const Json& object, const char* name) {
    const Json* value = member(object, name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    const double number = value->get<double>();
    if (!std::isfinite(number) || number <= 0 || number > kMaxNumber) return std::nullopt;
    return number;
}

uint32_t pixels(const Json& object, const char* name) {
    const auto value = number(object, name);
    return value && *value <= 4e9 ? static_cast<uint32_t>(*value) : 0;
}

/// "2024:05:31 18:02:11" as people write it.
std::string moment(std::string_view text) {
    constexpr std::string_view kShape = "dddd:dd:dd dd:dd";
    if (text.size() < kShape.size()) return "";
    std::string out(text.substr(0, kShape.size()));
    for (size_t i = 0; i < kShape.size(); ++i) {
        const bool digit = out[i] >= '0' && out[i] <= '9';
        const bool date = i == 4 || i == 7;
        if (kShape[i] == 'd' ? !digit
                             : !(out[i] == kShape[i] || (date && out[i] == '-') || i == 10))
            return "";
        if (date) out[i] = '-';
    }
    out[10] = ' ';
    const auto two = [&out](size_t at) { return (out[at] - '0') * 10 + out[at + 1] - '0'; };
    // Cameras whose clock was never set write zeros.
    const bool sane = out >= "1826" && two(5) >= 1 && two(5) <= 12 && two(8) >= 1 && two(8) <= 31 &&
                      two(11) <= 23 && two(14) <= 59;
    return sane ? out : "";
}

std::optional<Camera> readCamera(const Json* given) {
    if (given == nullptr || !given->is_object() || given->empty()) return std::nullopt;
    Camera out;
    out.make = label(*given, "make");
    out.model = label(*given, "model");
    out.lens = label(*given, "lens");
    out.takenAt = moment(label(*given, "taken_at"));
    out.focalLengthMm = number(*given, "focal_length_mm");
    out.focalLength35Mm = number(*given, "focal_length_35mm");
    out.fNumber = number(*given, "f_number");
    out.exposureSeconds = number(*given, "exposure_seconds");
    if (const auto iso = number(*given, "iso")) out.iso = static_cast<int64_t>(*iso);
    const Json* flash = member(*given, "flash");
    out.flash = flash != nullptr && flash->is_boolean() && flash->get<bool>();
    return out;
}

std::optional<Generation> readGeneration(const Json* given) {
    if (given == nullptr || !given->is_object() || given->empty()) return std::nullopt;
    Generation out;
    out.source = label(*given, "source");
    out.model = label(*given, "model");
    out.sampler = label(*given, "sampler");
    if (const Json* prompt = member(*given, "prompt"); prompt != nullptr && prompt->is_string()) {
        const auto& text = prompt->get_ref<const std::string&>();
        const size_t begin = text.find_first_not_of(" \t\r\n");
        if (begin != std::string::npos && text[begin] == '{') {
            auto scene = upstream::parseJson(text);
            if (scene && scene->is_object()) out.scene = std::move(*scene);
        }
        if (out.scene.is_null()) out.prompt = upstream::excerpt(text, kMaxPrompt);
    }
    out.shown = Json::object();
    for (const char* name : {"source", "model", "sampler"}) {
        if (const std::string text = label(*given, name); !text.empty()) out.shown[name] = text;
    }
    if (const std::string text = label(*given, "negative_prompt", 1000); !text.empty())
        out.shown["negative_prompt"] = text;
    for (const char* name : {"seed", "steps", "guidance_scale", "strength", "width", "height"}) {
        if (const Json* value = member(*given, name); value != nullptr && value->is_number())
            out.shown[name] = *value;
    }
    return out;
}

}  // namespace

About readAbout(std::string_view extra) {
    About out;
    if (extra.size() > kMaxExtra) return out;
    const auto json = upstream::parseJson(extra);
    if (!json || !json->is_object()) return out;
    out.width = pixels(*json, "width");
    out.height = pixels(*json, "height");
    if (const Json* metadata = member(*json, "metadata")) {
        out.camera = readCamera(member(*metadata, "camera"));
        out.generation = readGeneration(member(*metadata, "generation"));
    }
    return out;
}

}  // namespace lens
