#include "services/openai/image_request.hpp"

#include <algorithm>

#include "services/common/bounded_json.hpp"
#include "services/generator/raw_fields.hpp"
#include "services/openai/edit_pictures.hpp"
#include "services/openai/models.hpp"
#include "services/query_fields.hpp"

namespace host::services {

namespace {

// Passed on under the same name; those the API does not know are this host's own.
constexpr const char* kSame[] = {"prompt",         "negative_prompt", "seed",    "steps",
                                 "guidance_scale", "strength",        "priority"};
constexpr const char* kOwn[] = {"model", "n", "size"};

Error fault(const std::string& field, const std::string& message) {
    return validationError({{field, message}});
}

// Where the names differ, those of this API.
Error renamed(Error error) {
    const auto list = error.details.find("errors");
    if (list == error.details.end()) return error;
    Faults faults;
    for (const Json& one : *list) {
        std::string field = one.value("field", "");
        if (field == "count") field = "n";
        if (field == "images") field = "image";
        faults.emplace_back(field, one.value("message", ""));
    }
    Error same = validationError(faults);
    same.code = error.code;
    return same;
}

std::vector<std::string> fieldNames() {
    std::vector<std::string> names = optionNames();
    names.insert(names.end(), std::begin(kSame), std::end(kSame));
    names.insert(names.end(), std::begin(kOwn), std::end(kOwn));
    return names;
}

struct Read {
    RawFields fields;
    EditPictures pictures;
};

Result<Read> readEdit(http::Request& request) {
    Read read;
    if (request.contentType() == "multipart/form-data") {
        auto pictures = formPictures(request);
        if (!pictures) return pictures.error();
        read.pictures = std::move(*pictures);
        auto fields = readFields(request, fieldNames(), {});
        if (!fields) return fields.error();
        read.fields = std::move(*fields);
        return read;
    }
    auto body = parseObject(request.body);
    request.body = {};
    if (!body) return body.error();
    auto pictures = jsonPictures(*body);
    if (!pictures) return pictures.error();
    read.pictures = std::move(*pictures);
    for (const std::string& name : fieldNames()) {
        const auto found = body->find(name);
        if (found != body->end() && !found->is_null()) read.fields.values[name] = std::move(*found);
    }
    return read;
}

Result<Read> readBody(http::Request& request, bool edit) {
    if (edit) return readEdit(request);
    Read read;
    auto fields = readFields(request, fieldNames(), {});
    if (!fields) return fields.error();
    read.fields = std::move(*fields);
    return read;
}

// "1024x1536", or "auto": the start picture's shape.
Result<pipeline::SizeWords> sizeFrom(const Json& size, const std::optional<ImageInfo>& start) {
    if (!size.is_null() && !size.is_string()) return fault("size", "must be a string");
    const std::string text = size.is_string() ? size.get<std::string>() : std::string();
    if (text.empty() || text == "auto") {
        if (start && start->width > 0 && start->height > 0)
            return pipeline::nearestShape(start->width, start->height);
        return pipeline::SizeWords{"1mp", "square"};
    }
    if (const std::size_t cross = text.find('x'); cross != std::string::npos) {
        const auto width = wholeNumber<std::uint32_t>(text.substr(0, cross));
        const auto height = wholeNumber<std::uint32_t>(text.substr(cross + 1));
        if (width && height && *width > 0 && *height > 0)
            return pipeline::sizeWords(*width, *height);
    }
    return fault("size", "must be WIDTHxHEIGHT in pixels, such as 1024x1024, or auto");
}

}  // namespace

Result<OpenAiImageRequest> readImageRequest(http::Request& request, const GenerateRules& rules,
                                            bool edit) {
    auto read = readBody(request, edit);
    if (!read) return read.error();
    request.body = {};
    const RawFields& raw = read->fields;
    OpenAiImageRequest result;
    const auto options = readImageOptions(raw);
    if (!options) return options.error();
    result.options = *options;
    const auto count = numberOf(raw, "n", rules.count.min, std::min(kMostPictures, rules.count.max),
                                std::max(1, rules.count.min));
    if (!count) return count.error();
    auto endpoints = endpointsOfModel(fieldOf(raw, "model"), rules);
    if (!endpoints) return endpoints.error();
    const auto size = sizeFrom(fieldOf(raw, "size"), read->pictures.start);
    if (!size) return size.error();
    if (const auto pixels = pipeline::pixelSize(size->size, size->orientation))
        result.size = pipeline::sizeText(*pixels);

    Json fields = {{"count", *count},
                   {"size", size->size},
                   {"orientation", size->orientation},
                   {"endpoints", std::move(*endpoints)}};
    for (const char* name : kSame) {
        if (Json value = fieldOf(raw, name); !value.is_null()) fields[name] = std::move(value);
    }
    auto generate = makeGenerateRequest(fields, std::move(read->pictures.list), rules);
    if (!generate) return renamed(generate.error());
    result.generate = std::move(*generate);
    return result;
}

}  // namespace host::services
