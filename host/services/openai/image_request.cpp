#include "services/openai/image_request.hpp"

#include <algorithm>

#include "http/forms.hpp"
#include "imaging/alpha_mask.hpp"
#include "services/calls/nearest_size.hpp"
#include "services/common/bounded_json.hpp"
#include "services/generator/input_pictures.hpp"
#include "services/generator/raw_fields.hpp"
#include "services/openai/models.hpp"
#include "services/query_fields.hpp"
#include "support/base64.hpp"
#include "support/image_info.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

using plugins::InputRole;

// Passed on under the same name; those the API does not know are this host's own.
constexpr const char* kSame[] = {"prompt",         "negative_prompt", "seed",    "steps",
                                 "guidance_scale", "strength",        "priority"};
constexpr const char* kOwn[] = {"model",           "n",      "size",
                                "response_format", "stream", "partial_images"};
// Of JSON bodies: base64 or data URLs.
constexpr const char* kImage = "image";
constexpr const char* kMask = "mask";

Error fault(const std::string& field, const std::string& message) {
    return validationError({{field, message}});
}

// A form's text that stands for a number or a boolean, as JSON has it.
Json plain(const RawFields& raw, const std::string& name) {
    const auto found = raw.values.find(name);
    if (found == raw.values.end()) return nullptr;
    const Json& value = found->second;
    if (!raw.isForm || !value.is_string() || name == "prompt" || name == "negative_prompt")
        return value;
    const auto& text = value.get_ref<const std::string&>();
    if (text.empty()) return nullptr;
    return plainValue(text).value_or(value);
}

// Where the names differ, those of this API.
Error renamed(Error error) {
    const auto list = error.details.find("errors");
    if (list == error.details.end()) return error;
    Faults faults;
    for (const Json& one : *list) {
        std::string field = one.value("field", "");
        if (field == "count") field = "n";
        if (field == "images") field = kImage;
        faults.emplace_back(field, one.value("message", ""));
    }
    Error same = validationError(faults);
    same.code = error.code;
    return same;
}

Result<int> numberFrom(const Json& value, const std::string& field, int least, int most,
                       int fallback) {
    if (value.is_null()) return fallback;
    if (value.is_number_integer()) {
        const auto number = value.get<std::int64_t>();
        if (number >= least && number <= most) return static_cast<int>(number);
    }
    return fault(
        field, "must be an integer from " + std::to_string(least) + " to " + std::to_string(most));
}

Status takeOptions(const RawFields& raw, OpenAiImageRequest& result) {
    const Json format = plain(raw, "response_format");
    if (!format.is_null() && format != "url" && format != "b64_json")
        return fault("response_format", "must be \"url\" or \"b64_json\"");
    result.asUrl = format == "url";
    const Json stream = plain(raw, "stream");
    if (!stream.is_null() && !stream.is_boolean()) return fault("stream", "must be a boolean");
    result.stream = stream == true;
    const auto partial =
        numberFrom(plain(raw, "partial_images"), "partial_images", 0, kMostPartialImages, 0);
    if (!partial) return partial.error();
    result.partialImages = *partial;
    return Unit{};
}

// "1024x1536"; anything else is "auto".
NamedSize sizeFrom(const Json& size, const std::vector<SentPicture>& pictures) {
    const std::string text = size.is_string() ? size.get<std::string>() : std::string();
    if (const std::size_t cross = text.find('x'); cross != std::string::npos) {
        const auto width = wholeNumber<std::uint32_t>(text.substr(0, cross));
        const auto height = wholeNumber<std::uint32_t>(text.substr(cross + 1));
        if (width && height && *width > 0 && *height > 0) return nearestSize(*width, *height);
    }
    for (const SentPicture& sent : pictures) {
        const auto info = readImageInfo(sent.picture.imageBytes);
        if (sent.role == InputRole::Start && info && info->width > 0 && info->height > 0)
            return nearestShape(info->width, info->height);
    }
    return {};
}

// The first picture is the start picture, the others are references.
void addPicture(std::vector<SentPicture>& pictures, const std::string& field, bool isMask,
                RawFields picture) {
    const bool first = std::none_of(pictures.begin(), pictures.end(), [](const SentPicture& sent) {
        return sent.role == InputRole::Start;
    });
    SentPicture sent;
    sent.field = field;
    sent.role = isMask ? InputRole::Mask : first ? InputRole::Start : InputRole::Reference;
    sent.picture = std::move(picture);
    sent.picture.hasImage = true;
    pictures.push_back(std::move(sent));
}

bool isImageName(std::string_view name) {
    return name == kImage || (name.starts_with("image[") && name.ends_with("]"));
}

Result<std::vector<SentPicture>> formPictures(const http::Request& request) {
    auto form = http::Multipart::parse(request.header("Content-Type"), request.body);
    if (!form) return form.error();
    std::vector<SentPicture> pictures;
    for (const http::Part& part : form->parts()) {
        const bool isMask = part.name == kMask;
        if ((!isMask && !isImageName(part.name)) || part.data.empty()) continue;
        if (pictures.size() == plugins::kMaxInputs)
            return fault(kImage, "holds too many pictures: a request has at most 8");
        RawFields picture;
        (part.isFile ? picture.imageBytes : picture.imageText) = part.data;
        addPicture(pictures, part.name, isMask, std::move(picture));
    }
    return pictures;
}

Result<std::vector<SentPicture>> jsonPictures(RawFields& raw) {
    std::vector<SentPicture> pictures;
    for (const char* name : {kImage, kMask}) {
        const auto found = raw.values.find(name);
        if (found == raw.values.end()) continue;
        Json list = std::move(found->second);
        raw.values.erase(found);
        if (!list.is_array()) list = Json::array({std::move(list)});
        for (Json& one : list) {
            auto* text = one.get_ptr<std::string*>();
            if (text == nullptr) return fault(name, "must be base64 text or a data URL");
            if (pictures.size() == plugins::kMaxInputs)
                return fault(name, "holds too many pictures: a request has at most 8");
            RawFields picture;
            picture.imageText = std::move(*text);
            addPicture(pictures, name, name == std::string_view(kMask), std::move(picture));
        }
    }
    return pictures;
}

// This API marks what is to be repainted by transparency, the host by white.
Status takeMasks(std::vector<SentPicture>& pictures) {
    for (SentPicture& sent : pictures) {
        if (sent.role != InputRole::Mask || sent.picture.imageBytes.empty()) continue;
        auto mask = imaging::maskOfAlpha(sent.picture.imageBytes);
        if (!mask) {
            Error error = mask.error();
            error.message = std::string(kMask) + ": " + error.message;
            return error;
        }
        if (!mask->empty()) sent.picture.imageBytes = std::move(*mask);
    }
    return Unit{};
}

}  // namespace

Result<OpenAiImageRequest> readImageRequest(http::Request& request, const GenerateRules& rules,
                                            bool edit) {
    std::vector<std::string> names(std::begin(kSame), std::end(kSame));
    names.insert(names.end(), std::begin(kOwn), std::end(kOwn));
    const bool multipart = request.contentType() == "multipart/form-data";
    if (edit && !multipart) names.insert(names.end(), {kImage, kMask});
    auto raw = readFields(request, names, {});
    if (!raw) return raw.error();
    std::vector<SentPicture> pictures;
    if (edit) {
        auto found = multipart ? formPictures(request) : jsonPictures(*raw);
        if (!found) return found.error();
        pictures = std::move(*found);
        if (pictures.empty()) return fault(kImage, "is required");
    }
    request.body = {};
    OpenAiImageRequest result;
    if (const Status taken = takeOptions(*raw, result); !taken) return taken.error();
    const auto count =
        numberFrom(plain(*raw, "n"), "n", rules.count.min, std::min(kMostPictures, rules.count.max),
                   std::max(1, rules.count.min));
    if (!count) return count.error();
    auto endpoints = endpointsOfModel(plain(*raw, "model"), rules);
    if (!endpoints) return endpoints.error();
    const Json wanted = plain(*raw, "size");
    if (!wanted.is_null() && !wanted.is_string()) return fault("size", "must be a string");
    if (const Status taken = takeMasks(pictures); !taken) return taken.error();
    const NamedSize size = sizeFrom(wanted, pictures);
    result.size = std::to_string(size.pixels.width) + "x" + std::to_string(size.pixels.height);

    Json fields = {{"count", *count},
                   {"size", size.size},
                   {"orientation", size.orientation},
                   {"endpoints", std::move(*endpoints)}};
    for (const char* name : kSame) {
        if (Json value = plain(*raw, name); !value.is_null()) fields[name] = std::move(value);
    }
    auto generate = makeGenerateRequest(fields, std::move(pictures), rules);
    if (!generate) return renamed(generate.error());
    result.generate = std::move(*generate);
    return result;
}

}  // namespace host::services
