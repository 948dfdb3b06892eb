#include "services/generator/generate_request.hpp"

#include <Poco/SHA1Engine.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "services/generator/raw_fields.hpp"
#include "support/base64.hpp"
#include "support/image_info.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

const std::vector<std::string> kNames{
    "prompt",         "prompt2",   "random",   "count",          "prompt_mode",
    "orientation",    "size",      "steps",    "seed",           "strength",
    "guidance_scale", "endpoints", "priority", "negative_prompt"};

constexpr std::int64_t kMaxSeed = (std::int64_t{1} << 53) - 1;

std::string shown(const Json& value) {
    std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > 60) text = std::string(utf8Prefix(text, 57)) + "...";
    return text;
}

// Judges one field after the other and remembers every fault.
class Judge {
  public:
    Judge(const RawFields& raw, const GenerateRules& rules) : raw_(raw), rules_(rules) {}

    pipeline::JobSpec read();
    std::vector<std::pair<std::string, std::string>> faults;

  private:
    // What a form leaves empty counts as absent, like null in JSON.
    const Json* find(const char* name) const {
        const auto found = raw_.values.find(name);
        if (found == raw_.values.end()) return nullptr;
        if (raw_.isForm && found->second.is_string() &&
            found->second.get_ref<const std::string&>().empty()) {
            return nullptr;
        }
        return &found->second;
    }
    void fault(const char* name, std::string message) {
        faults.emplace_back(name, std::move(message));
    }

    void text(const char* name, std::string& out);
    void word(const char* name, std::string& out, std::initializer_list<const char*> allowed);
    void flag(const char* name, bool& out);
    std::optional<double> number(const char* name, const Json& value);
    void integer(const char* name, std::int64_t min, std::int64_t max, int& out);
    void seed(std::optional<std::int64_t>& out);
    void guidance(pipeline::JobSpec& spec);
    void endpoints(pipeline::JobSpec& spec);

    const RawFields& raw_;
    const GenerateRules& rules_;
};

void Judge::text(const char* name, std::string& out) {
    const Json* value = find(name);
    if (value == nullptr) return;
    if (!value->is_string()) {
        fault(name, "must be a string, found " + shown(*value));
        return;
    }
    out = value->get<std::string>();
    if (const std::size_t length = utf8Length(out); length > kMaxPromptCharacters) {
        fault(name, "has " + std::to_string(length) + " characters, at most " +
                        std::to_string(kMaxPromptCharacters) + " are allowed");
    }
}

void Judge::word(const char* name, std::string& out, std::initializer_list<const char*> allowed) {
    const Json* value = find(name);
    if (value == nullptr) return;
    std::string list;
    for (const char* candidate : allowed) {
        if (value->is_string() && value->get_ref<const std::string&>() == candidate) {
            out = candidate;
            return;
        }
        list += (list.empty() ? "" : ", ") + std::string(candidate);
    }
    fault(name, "must be one of " + list + ", found " + shown(*value));
}

void Judge::flag(const char* name, bool& out) {
    const Json* value = find(name);
    if (value == nullptr) return;
    if (value->is_boolean()) {
        out = value->get<bool>();
        return;
    }
    if (raw_.isForm && value->is_string()) {
        const std::string word = toLower(trim(value->get_ref<const std::string&>()));
        if (word == "true" || word == "1" || word == "yes" || word == "on") {
            out = true;
            return;
        }
        if (word == "false" || word == "0" || word == "no" || word == "off") return;
    }
    fault(name, "must be true or false, found " + shown(*value));
}

std::optional<double> Judge::number(const char* name, const Json& value) {
    if (value.is_number()) return value.get<double>();
    if (raw_.isForm && value.is_string()) {
        const std::string word(trim(value.get_ref<const std::string&>()));
        const Json parsed = Json::parse(word, nullptr, false);
        if (parsed.is_number()) return parsed.get<double>();
    }
    fault(name, "must be a number, found " + shown(value));
    return std::nullopt;
}

void Judge::integer(const char* name, std::int64_t min, std::int64_t max, int& out) {
    const Json* value = find(name);
    if (value == nullptr) return;
    const auto given = number(name, *value);
    if (!given) return;
    if (std::floor(*given) != *given || *given < static_cast<double>(min) ||
        *given > static_cast<double>(max)) {
        fault(name, "must be an integer from " + std::to_string(min) + " to " +
                        std::to_string(max) + ", found " + shown(*value));
        return;
    }
    out = static_cast<int>(*given);
}

void Judge::seed(std::optional<std::int64_t>& out) {
    const Json* value = find("seed");
    if (value == nullptr) return;
    if (value->is_string() && value->get_ref<const std::string&>().empty()) return;
    const auto given = number("seed", *value);
    if (!given) return;
    if (*given == -1) return;
    if (std::floor(*given) != *given || *given < 0 || *given > static_cast<double>(kMaxSeed)) {
        fault("seed",
              "must be null, -1 or an integer from 0 to 9007199254740991, found " + shown(*value));
        return;
    }
    out = static_cast<std::int64_t>(*given);
}

void Judge::guidance(pipeline::JobSpec& spec) {
    const Json* value = find("guidance_scale");
    if (value == nullptr) return;
    if (value->is_string() && value->get_ref<const std::string&>() == "random") {
        spec.randomGuidance = true;
        return;
    }
    const auto given =
        raw_.isForm || value->is_number() ? number("guidance_scale", *value) : std::nullopt;
    if (given && std::isfinite(*given) && *given >= 0 && *given <= 1000) {
        spec.guidanceScale = *given;
    } else if (given || !raw_.isForm) {
        fault("guidance_scale",
              "must be a number from 0 to 1000, null or \"random\", found " + shown(*value));
    }
}

void Judge::endpoints(pipeline::JobSpec& spec) {
    spec.endpoints = rules_.endpoints;
    const Json* value = find("endpoints");
    if (value == nullptr) return;
    std::vector<std::string> wanted;
    const auto add = [&](const std::string& text) {
        const auto& known = rules_.endpoints;
        if (!raw_.isForm || std::find(known.begin(), known.end(), text) != known.end()) {
            wanted.push_back(text);
            return;
        }
        // In a form the names may stand in one value, parted by commas.
        std::size_t begin = 0;
        while (begin <= text.size()) {
            const std::size_t end = std::min(text.find(',', begin), text.size());
            const std::string_view name = trim(std::string_view(text).substr(begin, end - begin));
            if (!name.empty()) wanted.emplace_back(name);
            begin = end + 1;
        }
    };
    if (value->is_string()) {
        add(value->get<std::string>());
        if (wanted.size() == 1 && (wanted[0] == "all" || wanted[0] == "any")) {
            spec.target = wanted[0] == "any" ? pipeline::Target::Any : pipeline::Target::All;
            return;
        }
        if (!raw_.isForm) {
            fault("endpoints",
                  "must be \"all\", \"any\" or a list of endpoint names, found " + shown(*value));
            return;
        }
    } else if (value->is_array()) {
        for (const Json& name : *value) {
            if (!name.is_string()) {
                fault("endpoints", "must hold endpoint names, found " + shown(name));
                return;
            }
            add(name.get<std::string>());
        }
    } else {
        fault("endpoints",
              "must be \"all\", \"any\" or a list of endpoint names, found " + shown(*value));
        return;
    }
    if (wanted.empty()) {
        fault("endpoints", "must name at least one endpoint");
        return;
    }
    std::string known;
    for (const std::string& name : rules_.endpoints) {
        known += (known.empty() ? "\"" : ", \"") + name + "\"";
    }
    const std::set<std::string> chosen(wanted.begin(), wanted.end());
    for (const std::string& name : chosen) {
        const auto& all = rules_.endpoints;
        if (std::find(all.begin(), all.end(), name) == all.end()) {
            fault("endpoints", "names an unknown endpoint " + shown(name) + "; there are " + known);
        }
    }
    spec.target = pipeline::Target::List;
    std::erase_if(spec.endpoints, [&](const std::string& name) { return !chosen.contains(name); });
}

pipeline::JobSpec Judge::read() {
    pipeline::JobSpec spec;
    text("prompt", spec.prompt);
    text("prompt2", spec.prompt2);
    text("negative_prompt", spec.negativePrompt);
    flag("random", spec.random);
    integer("count", rules_.count.min, rules_.count.max, spec.count);
    integer("steps", rules_.steps.min, rules_.steps.max, spec.steps);
    integer("priority", -10, 10, spec.priority);
    std::string mode = "same";
    word("prompt_mode", mode, {"same", "different"});
    spec.promptMode =
        mode == "different" ? pipeline::PromptMode::Different : pipeline::PromptMode::Same;
    word("orientation", spec.orientation, {"landscape", "portrait", "square"});
    word("size", spec.size, {"0.5mp", "1mp", "2mp", "4mp"});
    seed(spec.seed);
    if (const Json* value = find("strength")) {
        if (const auto given = number("strength", *value)) {
            if (*given >= 0 && *given <= 1) {
                spec.strength = *given;
            } else {
                fault("strength", "must be a number from 0 to 1, found " + shown(*value));
            }
        }
    }
    guidance(spec);
    endpoints(spec);
    if (!spec.random && trim(spec.prompt).empty() && raw_.values.count("prompt") == 0) {
        fault("prompt", "is required unless random is true");
    } else if (!spec.random && trim(spec.prompt).empty()) {
        fault("prompt", "must not be empty unless random is true");
    }
    if (spec.promptMode == pipeline::PromptMode::Different &&
        spec.target == pipeline::Target::Any) {
        fault("prompt_mode",
              "\"different\" needs endpoints to tell apart; it cannot go with "
              "endpoints \"any\"");
    }
    if (raw_.values.count("image") > 0) {
        fault("image", "must be base64 text, a data URL or a file part");
    }
    return spec;
}

Result<std::string> decodePicture(RawFields& raw) {
    if (!raw.imageBytes.empty()) return std::move(raw.imageBytes);
    std::string_view text = raw.imageText;
    if (text.substr(0, 5) == "data:") {
        const std::size_t comma = text.find(',');
        if (comma > 200 ||  // also when there is none
            text.substr(0, comma).find(";base64") == std::string_view::npos) {
            return Error{ErrorCode::InvalidImageFormat,
                         "image: the data URL does not hold base64 data."};
        }
        text.remove_prefix(comma + 1);
    }
    auto bytes = base64Decode(text);
    if (!bytes) return Error{ErrorCode::InvalidImageFormat, "image: this is not valid base64."};
    return std::move(*bytes);
}

}  // namespace

std::string GenerateRequest::fingerprint() const {
    Poco::SHA1Engine engine;
    engine.update(spec.toJson().dump(-1, ' ', false, Json::error_handler_t::replace));
    engine.update(picture);
    return Poco::DigestEngine::digestToHex(engine.digest());
}

Result<GenerateRequest> readGenerateRequest(const http::Request& request,
                                            const GenerateRules& rules) {
    auto raw = readFields(request, kNames);
    if (!raw) return raw.error();
    Judge judge(*raw, rules);
    GenerateRequest result;
    result.spec = judge.read();
    if (!judge.faults.empty()) return validationError(judge.faults);
    if (!raw->hasImage) return result;

    auto bytes = decodePicture(*raw);
    if (!bytes) return bytes.error();
    if (bytes->size() > kMaxPictureBytes) {
        return Error{ErrorCode::ImageTooLarge,
                     "image: the picture has " + std::to_string(bytes->size()) +
                         " bytes; at most 10 MB (10485760 bytes) are allowed."};
    }
    const auto info = readImageInfo(*bytes);
    if (!info) {
        return Error{ErrorCode::InvalidImageFormat,
                     "image: only JPEG, PNG, WebP and GIF pictures are accepted."};
    }
    result.spec.imageMime = imageMime(info->format);
    result.spec.imageWidth = info->width;
    result.spec.imageHeight = info->height;
    result.extension = imageExtension(info->format);
    result.picture = std::move(*bytes);
    return result;
}

}  // namespace host::services
