#include "services/generator/from_image.hpp"

#include <algorithm>

#include "services/gallery/picture_file.hpp"
#include "services/generator/request_limits.hpp"

namespace host::services {

namespace {

constexpr std::size_t kLongestName = 255;

Json foreignFields(const imaging::Generation& generation, const GenerateRules& rules) {
    Json fields = Json::object();
    if (!generation.prompt.empty()) fields["prompt"] = generation.prompt;
    if (!generation.negativePrompt.empty()) fields["negative_prompt"] = generation.negativePrompt;
    if (generation.seed && kSeeds.holds(static_cast<double>(*generation.seed))) {
        fields["seed"] = *generation.seed;
    }
    if (generation.steps) {
        fields["steps"] = std::clamp(*generation.steps, rules.steps.min, rules.steps.max);
    }
    if (generation.guidanceScale && kGuidanceScales.holds(*generation.guidanceScale)) {
        fields["guidance_scale"] = *generation.guidanceScale;
    }
    if (generation.width.value_or(0) > 0 && generation.height.value_or(0) > 0) {
        const auto words = pipeline::sizeWords(*generation.width, *generation.height);
        fields["size"] = words.size;
        fields["orientation"] = words.orientation;
    }
    return fields;
}

Json ownFields(const imaging::Generation& generation, const GenerateRules& rules) {
    Json fields = Json::object();
    for (const std::string& name : requestFieldNames()) {
        const auto found = generation.request.find(name);
        if (found != generation.request.end()) fields[name] = *found;
    }
    const auto endpoints = fields.find("endpoints");
    if (endpoints == fields.end() || !endpoints->is_array()) return fields;
    Json known = Json::array();
    for (const Json& name : *endpoints) {
        const bool there = std::any_of(rules.endpoints.begin(), rules.endpoints.end(),
                                       [&](const std::string& one) { return name == one; });
        if (there) known.push_back(name);
    }
    if (known.empty()) {
        fields.erase("endpoints");
    } else {
        fields["endpoints"] = std::move(known);
    }
    return fields;
}

}  // namespace

Json repeatedFields(const imaging::Generation& generation, const GenerateRules& rules) {
    return generation.request.is_object() ? ownFields(generation, rules)
                                          : foreignFields(generation, rules);
}

Result<std::optional<PictureRequest>> GalleryRequests::of(const std::string& filename,
                                                          const GenerateRules& rules) const {
    if (filename.size() > kLongestName) return noPicture();
    const auto file = openPicture(outputDirectory_, filename);
    if (!file) return file.error();
    // Just dropped, it may have no row yet.
    const auto row = jobs_.image(filename);
    if (!row) return row.error();
    if (*row && (*row)->trashedAt) return noPicture();

    imaging::FileSource source((*file)->get());
    const imaging::Metadata metadata = imaging::readMetadata(source);
    if (!metadata.generation) return std::optional<PictureRequest>();
    PictureRequest request;
    request.fields = repeatedFields(*metadata.generation, rules);
    request.hasInput = metadata.generation->request.is_object() &&
                       metadata.generation->request.contains("strength");
    if (*row && !(*row)->jobId.empty()) {
        // By the row, not by the file: it may claim to be of any job.
        auto job = jobs_.job((*row)->jobId);
        if (!job) return job.error();
        if (*job) {
            if (request.hasInput) request.inputFile = std::move((*job)->job.inputFile);
            request.others = pipeline::JobSpec::fromJson((*job)->job.request).inputs;
        }
    }
    return std::optional(std::move(request));
}

Status repeatPicture(const Json& filename, RawFields& raw, OtherPictures* others,
                     const GalleryRequests* gallery, const GenerateRules& rules, Faults& faults) {
    if (!filename.is_string() || filename.get_ref<const std::string&>().empty()) {
        faults.emplace_back(kFromImage, "must be the file name of a picture in the gallery");
        return Unit{};
    }
    if (gallery == nullptr) return noPicture();
    auto request = gallery->of(filename.get_ref<const std::string&>(), rules);
    if (!request) return request.error();
    if (!*request) {
        faults.emplace_back(kFromImage, "names a picture that does not tell how it was made");
        return Unit{};
    }
    const bool pictureGiven =
        raw.hasImage || raw.values.contains("image") || raw.nulls.contains("image");
    if ((*request)->hasInput && !pictureGiven) {
        auto input = (*request)->inputFile.empty() ? Result<std::string>(noPicture())
                                                   : gallery->input((*request)->inputFile);
        if (!input && input.error().code != ErrorCode::NotFound) return input.error();
        if (input) {
            raw.imageBytes = std::move(*input);
            raw.hasImage = true;
        } else {
            faults.emplace_back(kFromImage,
                                "names a picture that was made from another one, which is not "
                                "there any more; send that as \"image\" beside it");
        }
    }
    for (pipeline::InputPicture& input : (*request)->others) {
        if (others == nullptr) break;
        // With another start picture, or none, the mask has nothing to belong to.
        if (input.role == plugins::InputRole::Mask && pictureGiven) continue;
        auto bytes = gallery->input(input.file);
        if (!bytes && bytes.error().code != ErrorCode::NotFound) return bytes.error();
        if (!bytes) {
            faults.emplace_back(kFromImage, "names a picture that was made from a " +
                                                std::string(plugins::nameOf(input.role)) +
                                                " picture, which is not there any more; send "
                                                "\"images\" beside it");
            continue;
        }
        input.file.clear();
        others->facts.push_back(std::move(input));
        others->bytes.push_back(std::move(*bytes));
    }
    // An exact size would hold against the orientation that is asked for.
    if (raw.values.contains("orientation")) {
        const auto size = (*request)->fields.find("size");
        if (size != (*request)->fields.end() && size->is_string()) {
            if (const auto exact = pipeline::exactSize(size->get_ref<const std::string&>()))
                *size = pipeline::nearestClass(*exact).size;
        }
    }
    for (auto& [name, value] : (*request)->fields.items()) {
        if (!raw.nulls.contains(name)) raw.values.try_emplace(name, std::move(value));
    }
    return Unit{};
}

}  // namespace host::services
