#include "services/vision/analyze_request.hpp"

#include "services/generator/raw_fields.hpp"
#include "services/picture_field.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

// Forms have the file part "image"; JSON has "image_base64".
const std::vector<std::string> kPictureNames{"image_base64", "image"};

}  // namespace

Result<AnalyzeRequest> readAnalyzeRequest(http::Request& request) {
    auto raw = takeFields(request, {"mime", "model", "steering"}, kPictureNames);
    if (!raw) return raw.error();
    std::vector<std::pair<std::string, std::string>> faults;
    const auto text = [&](const std::string& name, std::size_t most) -> std::string {
        const auto found = raw->values.find(name);
        if (found == raw->values.end()) return "";
        if (!found->second.is_string()) {
            faults.emplace_back(name, "must be a string");
            return "";
        }
        std::string value(trim(found->second.get_ref<const std::string&>()));
        if (const std::size_t length = utf8Length(value); length > most) {
            faults.emplace_back(name, "has " + std::to_string(length) + " characters, at most " +
                                          std::to_string(most) + " are allowed");
        }
        return value;
    };
    AnalyzeRequest result;
    const std::string field = raw->isForm ? "image" : "image_base64";
    for (const std::string& name : kPictureNames) {
        if (raw->values.contains(name)) {
            faults.emplace_back(name, "must be base64 text, a data URL or a file part");
        }
    }
    if (faults.empty() && !raw->hasImage) {
        faults.emplace_back(field,
                            "is required: a picture as the file part \"image\" of a form, or as "
                            "base64 in \"image_base64\"");
    }
    text("mime", kMaxModelCharacters);  // what the picture is, its bytes tell
    result.model = text("model", kMaxModelCharacters);
    result.steering = text("steering", kMaxSteeringCharacters);
    if (!faults.empty()) return validationError(faults);
    auto picture = takePicture(*raw, field);
    if (!picture) return picture.error();
    result.picture = std::move(picture->bytes);
    return result;
}

}  // namespace host::services
