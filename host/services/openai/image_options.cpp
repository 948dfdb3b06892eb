#include "services/openai/image_options.hpp"

#include <algorithm>
#include <initializer_list>

#include "services/common/bounded_json.hpp"

namespace host::services {

namespace {

Error fault(const std::string& field, const std::string& message) {
    return validationError({{field, message}});
}

// Words for models that are not here: what the endpoints draw does not depend on them.
struct Ignored {
    const char* name;
    std::initializer_list<const char*> words;
};
const Ignored kIgnored[] = {
    {"quality", {"auto", "low", "medium", "high", "standard", "hd"}},
    {"style", {"vivid", "natural"}},
    {"moderation", {"auto", "low"}},
    {"input_fidelity", {"high", "low"}},
};

std::string listOf(std::initializer_list<const char*> words) {
    std::string list;
    for (const char* word : words)
        list += (list.empty() ? "\"" : ", \"") + std::string(word) + "\"";
    return list;
}

// Null is absent, for every field.
Status oneOf(const Json& value, const char* name, std::initializer_list<const char*> words) {
    const bool known =
        value.is_null() ||
        std::any_of(words.begin(), words.end(), [&](const char* word) { return value == word; });
    if (known) return Unit{};
    return fault(name, "must be one of " + listOf(words));
}

Status refuseTransparency(const Json& background) {
    if (const Status known = oneOf(background, "background", {"transparent", "opaque", "auto"});
        !known) {
        return known.error();
    }
    if (background != "transparent") return Unit{};
    return fault("background",
                 "cannot be transparent: the endpoints here draw opaque pictures alone");
}

Result<std::optional<PictureEncoding>> readEncoding(const RawFields& raw, bool asUrl) {
    const Json format = fieldOf(raw, "output_format");
    if (const Status known = oneOf(format, "output_format", {"png", "jpeg", "webp"}); !known)
        return known.error();
    const auto quality = numberOf(raw, "output_compression", 0, 100, 100);
    if (!quality) return quality.error();
    PictureEncoding encoding;
    encoding.quality = *quality;
    if (format == "jpeg") encoding.format = ImageFormat::Jpeg;
    if (format == "webp") encoding.format = ImageFormat::Webp;
    if (encoding.format == ImageFormat::Png && *quality < 100)
        return fault("output_compression", "needs the output_format \"jpeg\" or \"webp\"");
    if (format.is_null()) return std::optional<PictureEncoding>();
    if (asUrl) {
        return fault("output_format",
                     "needs the response_format \"b64_json\": links lead to the pictures as they "
                     "are stored");
    }
    return std::optional(encoding);
}

}  // namespace

const std::vector<std::string>& optionNames() {
    static const std::vector<std::string> names{
        "response_format", "stream",  "partial_images", "output_format", "output_compression",
        "background",      "quality", "style",          "moderation",    "input_fidelity"};
    return names;
}

Json fieldOf(const RawFields& raw, const std::string& name) {
    const auto found = raw.values.find(name);
    if (found == raw.values.end()) return nullptr;
    const Json& value = found->second;
    if (!raw.isForm || !value.is_string() || name == "prompt" || name == "negative_prompt")
        return value;
    const auto& text = value.get_ref<const std::string&>();
    if (text.empty()) return nullptr;
    return plainValue(text).value_or(value);
}

Result<int> numberOf(const RawFields& raw, const std::string& name, int least, int most,
                     int fallback) {
    const Json value = fieldOf(raw, name);
    if (value.is_null()) return fallback;
    if (value.is_number_integer()) {
        const auto number = value.get<std::int64_t>();
        if (number >= least && number <= most) return static_cast<int>(number);
    }
    return fault(
        name, "must be an integer from " + std::to_string(least) + " to " + std::to_string(most));
}

Result<ImageOptions> readImageOptions(const RawFields& raw) {
    ImageOptions options;
    const Json answer = fieldOf(raw, "response_format");
    if (const Status known = oneOf(answer, "response_format", {"url", "b64_json"}); !known)
        return known.error();
    options.asUrl = answer == "url";
    const Json stream = fieldOf(raw, "stream");
    if (!stream.is_null() && !stream.is_boolean()) return fault("stream", "must be a boolean");
    options.stream = stream == true;
    const auto partial = numberOf(raw, "partial_images", 0, kMostPartialImages, 0);
    if (!partial) return partial.error();
    options.partialImages = *partial;
    if (const Status opaque = refuseTransparency(fieldOf(raw, "background")); !opaque)
        return opaque.error();
    for (const Ignored& ignored : kIgnored) {
        const Status known = oneOf(fieldOf(raw, ignored.name), ignored.name, ignored.words);
        if (!known) return known.error();
    }
    auto encoding = readEncoding(raw, options.asUrl);
    if (!encoding) return encoding.error();
    options.encoding = *encoding;
    return options;
}

}  // namespace host::services
