#include "services/openai/edit_pictures.hpp"

#include <algorithm>

#include "http/forms.hpp"
#include "imaging/alpha_mask.hpp"
#include "services/picture_field.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

using plugins::InputRole;

constexpr const char* kImage = "image";
constexpr const char* kImages = "images";
constexpr const char* kMask = "mask";

Error fault(const std::string& field, const std::string& message) {
    return validationError({{field, message}});
}

// With the name of the field where this API's clients look for it.
Error named(const Error& error, const std::string& field) {
    const std::string prefix = field + ": ";
    Error same =
        fault(field, error.message.starts_with(prefix) ? error.message.substr(prefix.size())
                                                       : error.message);
    same.code = error.code;
    same.message = error.message;
    return same;
}

bool isImageName(std::string_view name) {
    return name == kImage || (name.starts_with("image[") && name.ends_with("]"));
}

// The first picture is the start picture, the others are references.
class Collector {
  public:
    Status add(const std::string& field, bool isMask, RawFields raw) {
        if (pictures_.list.size() == plugins::kMaxInputs)
            return fault(field, "holds too many pictures: a request has at most 8");
        raw.hasImage = true;
        auto given = takePicture(raw, field);
        if (!given) return named(given.error(), field);
        SentPicture sent;
        sent.field = field;
        sent.role = isMask             ? InputRole::Mask
                    : !pictures_.start ? InputRole::Start
                                       : InputRole::Reference;
        if (sent.role == InputRole::Start) pictures_.start = given->info;
        sent.picture.hasImage = true;
        sent.picture.imageBytes = std::move(given->bytes);
        if (isMask) {
            // This API marks what is to be repainted by transparency, the host by white.
            auto mask = imaging::maskOfAlpha(sent.picture.imageBytes);
            if (!mask) return named(mask.error(), field);
            if (!mask->empty()) sent.picture.imageBytes = std::move(*mask);
        }
        pictures_.list.push_back(std::move(sent));
        return Unit{};
    }

    Result<EditPictures> take() {
        if (!pictures_.start) return fault(kImage, "is required");
        return std::move(pictures_);
    }

  private:
    EditPictures pictures_;
};

// The text that holds a picture: itself, {"image_url": TEXT} or {"image_url": {"url": TEXT}}.
Result<std::string> textOf(Json& value, std::string& field) {
    Json* text = &value;
    for (const char* name : {"image_url", "url"}) {
        if (!text->is_object()) break;
        const auto inner = text->find(name);
        if (inner == text->end()) {
            if (text->contains("file_id"))
                return fault(field,
                             "names a file; none are kept here. Send \"image_url\" with a "
                             "data URL");
            break;
        }
        field += std::string(".") + name;
        text = &*inner;
    }
    auto* found = text->get_ptr<std::string*>();
    if (found == nullptr) return fault(field, "must be base64 text or a data URL");
    const std::string scheme = toLower(found->substr(0, 8));
    if (scheme.starts_with("http://") || scheme.starts_with("https://"))
        return fault(field,
                     "is an address; pictures are not fetched from elsewhere. Send the "
                     "picture itself as a data URL");
    return std::move(*found);
}

Status addValue(Collector& collector, const std::string& name, Json value) {
    if (value.is_null()) return Unit{};
    const bool isList = value.is_array();
    if (!isList) value = Json::array({std::move(value)});
    for (std::size_t i = 0; i < value.size(); ++i) {
        std::string field = name;
        // Where a client may have several of them it is told which.
        if (name == kImages) field += "[" + std::to_string(i) + "]";
        auto text = textOf(value[i], field);
        if (!text) return text.error();
        RawFields raw;
        raw.imageText = std::move(*text);
        if (const Status added = collector.add(field, name == kMask, std::move(raw)); !added)
            return added.error();
    }
    return Unit{};
}

}  // namespace

Result<EditPictures> formPictures(const http::Request& request) {
    auto form = http::Multipart::parse(request.header("Content-Type"), request.body);
    if (!form) return form.error();
    Collector collector;
    for (const http::Part& part : form->parts()) {
        const bool isMask = part.name == kMask;
        if ((!isMask && !isImageName(part.name)) || part.data.empty()) continue;
        RawFields raw;
        (part.isFile ? raw.imageBytes : raw.imageText) = part.data;
        const std::string field = isMask ? kMask : kImage;
        if (const Status added = collector.add(field, isMask, std::move(raw)); !added)
            return added.error();
    }
    return collector.take();
}

Result<EditPictures> jsonPictures(Json& body) {
    Collector collector;
    for (const char* name : {kImage, kImages, kMask}) {
        const auto found = body.find(name);
        if (found == body.end()) continue;
        Json value = std::move(*found);
        body.erase(found);
        if (const Status added = addValue(collector, name, std::move(value)); !added)
            return added.error();
    }
    return collector.take();
}

}  // namespace host::services
