#include "imaging/metadata.hpp"

#include "imaging/a1111.hpp"
#include "imaging/comfyui.hpp"
#include "imaging/metadata_found.hpp"
#include "imaging/metadata_own.hpp"
#include "imaging/metadata_source.hpp"
#include "support/image_info.hpp"

namespace host::imaging {

namespace {

// Ours knows most; the rest in the order of how much it can be relied on.
std::optional<Generation> generationIn(const Found& found) {
    if (!found.own.empty()) {
        if (auto own = parseOwn(found.own)) return own;
    }
    if (!found.parameters.empty()) {
        if (auto parameters = parseParameters(found.parameters, found.parametersByName)) {
            return parameters;
        }
    }
    return found.graph.empty() ? std::nullopt : parseComfyGraph(found.graph);
}

Json cameraJson(const Camera& camera) {
    Json json = Json::object();
    const auto addText = [&](const char* name, const std::string& text) {
        if (!text.empty()) json[name] = text;
    };
    const auto add = [&](const char* name, const auto& value) {
        if (value) json[name] = *value;
    };
    addText("make", camera.make);
    addText("model", camera.model);
    addText("lens", camera.lens);
    addText("taken_at", camera.takenAt);
    add("focal_length_mm", camera.focalLengthMm);
    add("focal_length_35mm", camera.focalLength35Mm);
    add("f_number", camera.fNumber);
    add("exposure_seconds", camera.exposureSeconds);
    add("iso", camera.iso);
    add("flash", camera.flash);
    return json;
}

}  // namespace

Metadata readMetadata(ByteSource& source) {
    Metadata metadata;
    const auto format = sniffImage(readPart(source, 0, kImageMagicBytes));
    if (!format) return metadata;
    Found found;
    switch (*format) {
        case ImageFormat::Png:
            readPngFound(source, found);
            break;
        case ImageFormat::Jpeg:
            readJpegFound(source, found);
            break;
        case ImageFormat::Webp:
            readWebpFound(source, found);
            break;
        case ImageFormat::Gif:
            break;
    }
    metadata.generation = generationIn(found);
    metadata.camera = std::move(found.camera);
    return metadata;
}

Json toJson(const Metadata& metadata) {
    Json json = Json::object();
    if (metadata.camera) json["camera"] = cameraJson(*metadata.camera);
    if (metadata.generation) {
        json["generation"] = fieldsOf(*metadata.generation);
        if (metadata.generation->request.is_object()) {
            json["generation"]["request"] = metadata.generation->request;
        }
    }
    return json;
}

}  // namespace host::imaging
