#include "services/generator/input_pictures.hpp"

#include <simdjson.h>

#include <algorithm>
#include <new>

#include "http/forms.hpp"
#include "services/generator/json_texts.hpp"
#include "services/picture_field.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

namespace od = simdjson::ondemand;
using plugins::InputRole;

const char* const kTooMany = "holds too many pictures: a request has at most 8";
const char* const kBroken = "is not valid JSON";
const char* const kForm = "must be a list of {\"role\": ..., \"image\": ...}";

// One element of `images`. The order of its two keys is free.
void readEntry(od::value value, const std::string& field, JsonTexts& texts,
               std::vector<SentPicture>& found, Faults& faults) {
    od::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) {
        faults.emplace_back(field, "must be an object with \"role\" and \"image\"");
        return;
    }
    SentPicture sent;
    sent.field = field + ".image";
    std::string role;
    for (auto entry : object) {
        std::string_view key;
        od::value inner;
        std::string_view text;
        const bool readable = texts.of(entry, key) == simdjson::SUCCESS &&
                              entry.value().get(inner) == simdjson::SUCCESS;
        if (!readable) {
            faults.emplace_back(field, kBroken);
            return;
        }
        const std::string name(key.substr(0, 16));
        if (name != "role" && name != "image") continue;
        if (texts.of(inner, text) != simdjson::SUCCESS) continue;
        if (name == "role") {
            role = text.substr(0, 32);
        } else {
            sent.picture.imageText = text;
            sent.picture.hasImage = !text.empty();
        }
    }
    const auto known = plugins::inputRoleFrom(role);
    if (!known) {
        faults.emplace_back(field + ".role", "must be one of start, mask, reference, control");
    }
    if (!sent.picture.hasImage) {
        faults.emplace_back(sent.field, "must be base64 text or a data URL");
    }
    if (!known || !sent.picture.hasImage) return;
    sent.role = *known;
    found.push_back(std::move(sent));
}

// A body that is no JSON is a fault of whoever reads the rest of it.
SentPictures fromJson(const std::string& body, Faults& faults) {
    SentPictures found;
    od::parser parser;
    const simdjson::padded_string padded(body);
    // It keeps the size when there was no memory for the bytes.
    if (padded.data() == nullptr) throw std::bad_alloc();
    JsonTexts texts(parser, body.size());
    od::document document;
    od::object object;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return found;
    if (document.get_object().get(object) != simdjson::SUCCESS) return found;
    od::value images;
    if (object.find_field_unordered("images").get(images) != simdjson::SUCCESS) return found;
    found.given = true;
    od::json_type type{};
    if (images.type().get(type) != simdjson::SUCCESS) {
        faults.emplace_back("images", kBroken);
        return found;
    }
    if (type == od::json_type::null) return found;
    od::array array;
    if (images.get_array().get(array) != simdjson::SUCCESS) {
        faults.emplace_back("images", kForm);
        return found;
    }
    std::size_t index = 0;
    for (auto element : array) {
        od::value value;
        if (element.get(value) != simdjson::SUCCESS) {
            faults.emplace_back("images", kBroken);
            return found;
        }
        if (index == plugins::kMaxInputs) {
            faults.emplace_back("images", kTooMany);
            return found;
        }
        readEntry(value, "images[" + std::to_string(index++) + "]", texts, found.list, faults);
    }
    return found;
}

Result<SentPictures> fromForm(const http::Request& request, Faults& faults) {
    SentPictures found;
    auto form = http::Multipart::parse(request.header("Content-Type"), request.body);
    if (!form) return form.error();
    for (const http::Part& part : form->parts()) {
        const auto role = plugins::inputRoleFrom(part.name);
        if (!role || *role == InputRole::Start || part.data.empty()) continue;
        if (found.list.size() == plugins::kMaxInputs) {
            faults.emplace_back(part.name, kTooMany);
            break;
        }
        SentPicture sent{.field = part.name, .role = *role, .picture = {}};
        (part.isFile ? sent.picture.imageBytes : sent.picture.imageText) = part.data;
        sent.picture.hasImage = true;
        found.given = true;
        found.list.push_back(std::move(sent));
    }
    return found;
}

}  // namespace

Result<SentPictures> findPictures(const http::Request& request, Faults& faults) {
    if (request.contentType() == "multipart/form-data") return fromForm(request, faults);
    if (request.body.find("\"images\"") == std::string::npos) return SentPictures();
    return fromJson(request.body, faults);
}

void takeStart(std::vector<SentPicture>& sent, RawFields& fields, Faults& faults) {
    for (SentPicture& each : sent) {
        if (each.role != InputRole::Start) continue;
        if (fields.hasImage) {
            faults.emplace_back(each.field, "is a second start picture; a request has one at most");
            continue;
        }
        fields.imageText = std::move(each.picture.imageText);
        fields.imageTextBegin = each.picture.imageTextBegin;
        fields.imageBytes = std::move(each.picture.imageBytes);
        fields.hasImage = true;
    }
    std::erase_if(sent, [](const SentPicture& each) { return each.role == InputRole::Start; });
}

Result<OtherPictures> readPictures(std::vector<SentPicture> sent) {
    OtherPictures read;
    std::optional<Error> first;
    Faults faults;
    for (SentPicture& each : sent) {
        auto picture = takePicture(each.picture, each.field);
        if (!picture) {
            const std::string& message = picture.error().message;
            faults.emplace_back(each.field, message.substr(message.find(": ") + 2));
            if (!first) first = picture.error();
            continue;
        }
        read.facts.push_back({each.role, std::string(imageMime(picture->info.format)),
                              picture->info.width, picture->info.height, ""});
        read.bytes.push_back(std::move(picture->bytes));
    }
    if (!first) return read;
    Error all = validationError(faults);
    all.code = first->code;
    return all;
}

void judgePictures(const pipeline::JobSpec& spec, Faults& faults) {
    const auto isMask = [](const auto& input) { return input.role == InputRole::Mask; };
    const auto mask = std::find_if(spec.inputs.begin(), spec.inputs.end(), isMask);
    if (spec.inputs.size() + (spec.hasImage() ? 1 : 0) > plugins::kMaxInputs) {
        faults.emplace_back("images", kTooMany);
    }
    if (mask == spec.inputs.end()) return;
    if (std::count_if(spec.inputs.begin(), spec.inputs.end(), isMask) > 1) {
        faults.emplace_back("mask", "is given more than once; a request has one at most");
    }
    if (!spec.hasImage()) {
        faults.emplace_back("mask", "needs the start picture that it belongs to");
    } else if (mask->width != spec.imageWidth || mask->height != spec.imageHeight) {
        faults.emplace_back(
            "mask", "must have the size of the start picture, " + std::to_string(spec.imageWidth) +
                        " x " + std::to_string(spec.imageHeight) + " pixels; it has " +
                        std::to_string(mask->width) + " x " + std::to_string(mask->height));
    }
}

}  // namespace host::services
