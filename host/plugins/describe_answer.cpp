// Reads what plugins answer to describe. What is not of the agreed form is left out with a warning,
// key by key: one wrong key does not make the others untrue.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

#include "plugins/abi_text.hpp"
#include "plugins/capabilities.hpp"
#include "support/text.hpp"

namespace host::plugins {

namespace {

constexpr std::size_t kMaxAnswer = 64 * 1024;
constexpr std::size_t kMaxFormats = 16;
constexpr std::size_t kMaxRoles = 32;
constexpr std::size_t kMaxMime = 64;
constexpr std::size_t kMaxModelName = 200;
constexpr double kMaxNumber = 1e9;

class Reader {
  public:
    Reader(const Json& answer, std::string_view who) : answer_(answer), who_(who) {}

    void read(Capabilities& out) {
        formats(out.input.mimes);
        if (const Json* value = find("max_image_side")) {
            if (const auto side = whole(*value)) {
                out.input.maxSide =
                    static_cast<std::uint32_t>(std::min<std::uint64_t>(*side, imaging::kMaxSide));
            } else {
                warn("max_image_side", "a number of pixels");
            }
        }
        out.imageToImage = flag("image_to_image");
        roles(out.inputRoles);
        if (const Json* value = find("max_inputs")) {
            const bool none = value->is_number() && value->get<double>() == 0;
            if (const auto most = none ? std::optional<std::uint64_t>(0) : whole(*value)) {
                out.maxInputs =
                    static_cast<std::uint32_t>(std::min<std::uint64_t>(*most, kMaxInputs));
            } else {
                warn("max_inputs", "a number of pictures");
            }
        }
        out.negativePrompt = flag("negative_prompt");
        out.seed = flag("seed");
        knob("steps", out.steps);
        knob("guidance_scale", out.guidanceScale);
        sizes(out.sizes);
        rules(out.size);
        if (const Json* value = find("model")) {
            if (value->is_string()) {
                out.model = utf8Prefix(value->get_ref<const std::string&>(), kMaxModelName);
            } else {
                warn("model", "a name");
            }
        }
        models(out.models);
        out.progress = flag("progress");
        out.previews = flag("previews");
        cancel(out.cancel);
    }

  private:
    // Null counts as absent.
    const Json* find(const char* name) const {
        const auto found = answer_.find(name);
        return found == answer_.end() || found->is_null() ? nullptr : &*found;
    }
    void warn(const char* name, const char* form) const {
        spdlog::warn("{}: its describe gives {} that is not {}; it counts as unknown", who_, name,
                     form);
    }
    // A positive one.
    static std::optional<std::uint64_t> whole(const Json& value) {
        // A double also covers integers of any size.
        const double number = value.is_number() ? value.get<double>() : 0;
        if (!(number >= 1)) return std::nullopt;
        return static_cast<std::uint64_t>(std::min(number, 1e15));
    }
    std::optional<bool> flag(const char* name) const {
        const Json* value = find(name);
        if (value == nullptr) return std::nullopt;
        if (value->is_boolean()) return value->get<bool>();
        warn(name, "true or false");
        return std::nullopt;
    }

    void formats(std::vector<std::string>& out) const {
        const Json* value = find("image_formats");
        if (value == nullptr) return;
        const bool fits =
            value->is_array() && value->size() <= kMaxFormats &&
            std::all_of(value->begin(), value->end(), [](const Json& each) {
                return each.is_string() && each.get_ref<const std::string&>().size() <= kMaxMime;
            });
        if (!fits) {
            warn("image_formats", "a list of media types");
            return;
        }
        for (const Json& each : *value)
            out.push_back(each.get<std::string>());
    }

    // Roles of a newer plugin that nobody here can ask for are left out.
    void roles(std::optional<std::vector<InputRole>>& out) const {
        const Json* value = find("input_roles");
        if (value == nullptr) return;
        if (!value->is_array() || value->size() > kMaxRoles) {
            warn("input_roles", "a list of roles");
            return;
        }
        std::vector<InputRole> known;
        for (const Json& each : *value) {
            if (!each.is_string()) {
                warn("input_roles", "a list of roles");
                return;
            }
            const auto role = inputRoleFrom(each.get_ref<const std::string&>());
            if (role && std::find(known.begin(), known.end(), *role) == known.end()) {
                known.push_back(*role);
            }
        }
        out = std::move(known);
    }

    void knob(const char* name, Knob& out) const {
        const Json* value = find(name);
        if (value == nullptr) return;
        if (value->is_boolean() && !value->get<bool>()) {
            out.none = true;
            return;
        }
        const auto end = [value](const char* key, double otherwise) -> std::optional<double> {
            const auto found = value->find(key);
            if (found == value->end()) return otherwise;
            if (!found->is_number() || !std::isfinite(found->get<double>())) return std::nullopt;
            return std::clamp(found->get<double>(), -kMaxNumber, kMaxNumber);
        };
        const auto min = value->is_object() ? end("min", 0) : std::nullopt;
        const auto max = value->is_object() ? end("max", kMaxNumber) : std::nullopt;
        if (min && max && *min <= *max) {
            out.range = Bounds{*min, *max};
        } else {
            warn(name, "{\"min\": ..., \"max\": ...} or false");
            return;
        }
        if (!value->contains("default")) return;
        const auto byDefault = end("default", 0);
        if (byDefault && out.range->holds(*byDefault)) {
            out.byDefault = byDefault;
        } else {
            warn(name, "a default between min and max");
        }
    }

    void sizes(std::vector<PictureSize>& out) const {
        const Json* value = find("sizes");
        if (value == nullptr) return;
        std::vector<PictureSize> read;
        const bool fits = value->is_array() && value->size() <= kMostSizes;
        for (const Json& each : fits ? *value : Json::array()) {
            const auto width = each.is_object() ? whole(each.value("width", Json())) : std::nullopt;
            const auto height =
                each.is_object() ? whole(each.value("height", Json())) : std::nullopt;
            if (!width || !height || std::max(*width, *height) > imaging::kMaxSide) break;
            read.push_back(
                {static_cast<std::uint32_t>(*width), static_cast<std::uint32_t>(*height)});
        }
        if (fits && read.size() == value->size()) {
            out = std::move(read);
        } else {
            warn("sizes", "a list of {\"width\": ..., \"height\": ...}");
        }
    }

    void rules(std::optional<SizeRules>& out) const {
        const Json* value = find("size");
        if (value == nullptr) return;
        SizeRules read;
        bool fits = value->is_object();
        const auto take = [&](const char* name, std::uint64_t most, auto& into) {
            if (!fits || !value->contains(name)) return;
            const auto number = whole((*value)[name]);
            fits = number.has_value();
            using Number = std::remove_reference_t<decltype(into)>;
            if (number) into = static_cast<Number>(std::min(*number, most));
        };
        take("min_side", imaging::kMaxSide, read.minSide);
        take("max_side", imaging::kMaxSide, read.maxSide);
        take("multiple_of", imaging::kMaxSide, read.multipleOf);
        take("max_pixels", imaging::kMaxSide * imaging::kMaxSide, read.maxPixels);
        fits = fits && (read.maxSide == 0 || read.minSide <= read.maxSide);
        if (fits) {
            out = read;
        } else {
            warn("size", "an object with min_side, max_side, multiple_of or max_pixels");
        }
    }

    void models(std::vector<std::string>& out) const {
        const Json* value = find("models");
        if (value == nullptr) return;
        const bool fits =
            value->is_array() && std::all_of(value->begin(), value->end(),
                                             [](const Json& each) { return each.is_string(); });
        if (!fits) {
            warn("models", "a list of names");
            return;
        }
        for (const Json& each : *value) {
            if (out.size() == kMostModels) break;
            out.emplace_back(utf8Prefix(each.get_ref<const std::string&>(), kMaxModelName));
        }
    }

    void cancel(std::optional<CancelWay>& out) const {
        const Json* value = find("cancel");
        if (value == nullptr) return;
        if (*value == "immediate") {
            out = CancelWay::Immediate;
        } else if (*value == "step") {
            out = CancelWay::Step;
        } else if (*value == "none") {
            out = CancelWay::None;
        } else {
            warn("cancel", "one of immediate, step, none");
        }
    }

    const Json& answer_;
    const std::string_view who_;
};

}  // namespace

Capabilities readCapabilities(std::string_view answer, std::string_view who) {
    Capabilities capabilities;
    auto object = parseObject(answer, kMaxAnswer);
    if (!object) {
        spdlog::warn("{}: its describe is no JSON object of at most 64 KiB; nothing is known of it",
                     who);
        return capabilities;
    }
    Reader(*object, who).read(capabilities);
    capabilities.raw = std::move(*object);
    return capabilities;
}

}  // namespace host::plugins
