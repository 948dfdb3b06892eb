#include "scene.hpp"

#include <algorithm>
#include <cmath>

#include "color_names.hpp"
#include "embedded.hpp"
#include "layout.hpp"
#include "palette.hpp"
#include "words.hpp"

namespace lens {
namespace {

double rounded(double value) {
    return std::round(value * 1000) / 1000;
}

Json cameraOf(const About& about, const View& view) {
    const Camera camera = about.camera.value_or(Camera{});
    const bool told = about.width > 0 && about.height > 0;
    Json out = Json::object();
    out["angle"] = "";
    out["distance"] = "";
    out["lens"] = lensOf(camera);
    out["f_number"] = apertureOf(camera);
    out["iso"] = camera.iso ? Json(*camera.iso) : Json(nullptr);
    out["shutter_speed"] = shutterOf(camera);
    out["aspect_ratio"] =
        told ? aspectRatio(about.width, about.height)
             : aspectRatio(static_cast<uint32_t>(view.width), static_cast<uint32_t>(view.height));
    out["focus"] = "";
    return out;
}

Json figuresOf(const Figures& f, std::span<const Swatch> palette) {
    Json shares = Json::array();
    for (const Swatch& swatch : palette) {
        shares.push_back({{"color", hexOf(swatch.color)},
                          {"name", swatch.name},
                          {"share", rounded(swatch.share)}});
    }
    return {{"luminance",
             {{"p1", rounded(f.p1)},
              {"p5", rounded(f.p5)},
              {"p50", rounded(f.p50)},
              {"p95", rounded(f.p95)},
              {"p99", rounded(f.p99)},
              {"mean", rounded(f.mean)}}},
            {"contrast", rounded(f.contrast)},
            {"saturation", rounded(f.saturation)},
            {"colourfulness", rounded(f.colourfulness)},
            {"sharpness", rounded(f.sharpness)},
            {"flat_share", rounded(f.flatShare)},
            {"unique_colour_share", rounded(f.uniqueShare)},
            {"palette", std::move(shares)}};
}

void direct(Json& field, const std::string& steering) {
    const std::string& was = field.get_ref<const std::string&>();
    field = (was.empty() ? "directed: " : was + "; directed: ") + steering;
}

}  // namespace

std::optional<Json> sceneOf(const Order& order, const Go& go) {
    const auto measured = measure(order.view, go);
    if (!measured || !go()) return std::nullopt;
    return sceneOf(order, *measured, go);
}

std::optional<Json> sceneOf(const Order& order, const Measured& measured, const Go& go) {
    const About about = readAbout(order.extra);
    const Figures& f = measured.figures;
    const std::vector<Swatch> palette =
        paletteOf(measured.shades, std::clamp(order.paletteSize, kMinPalette, kMaxPalette));
    if (!go()) return std::nullopt;

    const bool told = about.width > 0 && about.height > 0;
    const auto width = told ? about.width : static_cast<uint32_t>(order.view.width);
    const auto height = told ? about.height : static_cast<uint32_t>(order.view.height);
    const bool prompted = about.generation && !about.generation->prompt.empty();
    const bool embedded = about.generation && about.generation->scene.is_object();

    Json out = Json::object();
    out["scene"] = prompted ? about.generation->prompt : toneSentence(palette, width, height);
    out["props"] = "";
    out["subjects"] = Json::array();
    out["style"] = styleOf(f, about);
    out["color_palette"] = paletteNames(palette);
    out["lighting"] = lightingOf(measured);
    if (about.camera && about.camera->flash)
        out["lighting"] = out["lighting"].get<std::string>() + ", flash fired";
    out["mood"] = moodOf(f);
    out["film_stock"] =
        blackAndWhite(f) && !flatGraphic(f) && f.contrast > 0.1F ? "black and white" : "";
    out["era"] = "";
    out["background"] = backgroundOf(measured.grid);
    out["composition"] = describeLayout(layoutOf(measured.grid));
    out["time_weather"] = about.camera ? timeOf(*about.camera) : "";
    out["camera"] = cameraOf(about, order.view);
    if (embedded) takeOver(about.generation->scene, out);

    if (const std::string steering = upstream::excerpt(order.steering, kMaxSteering);
        !steering.empty()) {
        direct(out["style"], steering);
        direct(out["mood"], steering);
        out["steering"] = steering;
    }
    out["analysis"] = "measured, no objects recognised";
    out["scene_from"] = embedded ? "embedded scene" : (prompted ? "embedded prompt" : "measured");
    out["measured"] = figuresOf(f, palette);
    if (about.generation) out["generation"] = about.generation->shown;
    fit(out, kMaxScene);
    return out;
}

}  // namespace lens
