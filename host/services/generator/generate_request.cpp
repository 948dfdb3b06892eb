#include "services/generator/generate_request.hpp"
#include "services/common/bounded_json.hpp"

#include <Poco/SHA1Engine.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <span>

#include "services/generator/from_image.hpp"
#include "services/generator/input_pictures.hpp"
#include "services/generator/raw_fields.hpp"
#include "services/generator/request_limits.hpp"
#include "services/picture_field.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

const std::vector<std::string> kNames{
    "prompt",         "prompt2",   "random",   "count",          "prompt_mode",
    "orientation",    "size",      "steps",    "seed",           "strength",
    "guidance_scale", "endpoints", "priority", "negative_prompt"};

std::string shown(const Json& value) {
    std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > 60) text = std::string(utf8Prefix(text, 57)) + "...";
    return text;
}

bool isEmptyText(const Json& value) {
    return value.is_string() && value.get_ref<const std::string&>().empty();
}

// Judges one field after the other and remembers every fault.
class Judge {
  public:
    // `lacksPicture`: a picture that is to be repeated may have told what is missing.
    Judge(const RawFields& raw, const GenerateRules& rules, bool lacksPicture)
        : raw_(raw), rules_(rules), lacksPicture_(lacksPicture) {}

    pipeline::JobSpec read();
    Faults faults;
    Faults unknown;  // endpoints that may have been there when the request was sent first

  private:
    // What a form leaves empty counts as absent, like null in JSON.
    const Json* find(const char* name) const {
        const auto found = raw_.values.find(name);
        if (found == raw_.values.end()) return nullptr;
        if (raw_.isForm && isEmptyText(found->second)) return nullptr;
        return &found->second;
    }
    void fault(const char* name, std::string message) {
        faults.emplace_back(name, std::move(message));
    }

    void text(const char* name, std::string& out);
    // `more`: what else it may be, for the fault.
    void word(const char* name, std::string& out, std::span<const std::string_view> allowed,
              const std::string& more = "");
    void size(pipeline::JobSpec& spec);
    void flag(const char* name, bool& out);
    std::optional<double> number(const char* name, const Json& value);
    void integer(const char* name, std::int64_t min, std::int64_t max, int& out);
    void seed(std::optional<std::int64_t>& out);
    void guidance(pipeline::JobSpec& spec);
    void endpoints(pipeline::JobSpec& spec);

    const RawFields& raw_;
    const GenerateRules& rules_;
    const bool lacksPicture_;
};

void Judge::text(const char* name, std::string& out) {
    const Json* value = find(name);
    if (value == nullptr) return;
    if (!value->is_string()) {
        const bool repeated = raw_.isForm && value->is_array();
        fault(name,
              repeated ? "is given more than once" : "must be a string, found " + shown(*value));
        return;
    }
    out = value->get<std::string>();
    if (const std::size_t length = utf8Length(out); length > kMaxPromptCharacters) {
        fault(name, "has " + std::to_string(length) + " characters, at most " +
                        std::to_string(kMaxPromptCharacters) + " are allowed");
    }
}

void Judge::word(const char* name, std::string& out, std::span<const std::string_view> allowed,
                 const std::string& more) {
    const Json* value = find(name);
    if (value == nullptr) return;
    std::string list;
    for (const std::string_view candidate : allowed) {
        if (value->is_string() && value->get_ref<const std::string&>() == candidate) {
            out = candidate;
            return;
        }
        list += (list.empty() ? "" : ", ") + std::string(candidate);
    }
    fault(name, "must be one of " + list + more + ", found " + shown(*value));
}

void Judge::size(pipeline::JobSpec& spec) {
    const Json* value = find("size");
    const auto exact = value != nullptr && value->is_string()
                           ? pipeline::exactSize(value->get_ref<const std::string&>())
                           : std::nullopt;
    if (!exact) {
        return word("size", spec.size, pipeline::sizeNames(),
                    " or WIDTHxHEIGHT, of sides from " + std::to_string(pipeline::kLeastSide) +
                        " to " + std::to_string(pipeline::kMostSide) + " in steps of " +
                        std::to_string(pipeline::kSideStep) + " and " +
                        std::to_string(pipeline::kMostPixels) + " pixels at most");
    }
    spec.size = *value;
    const std::string_view shape = pipeline::orientationOf(*exact);
    if (const Json* given = find("orientation");
        given != nullptr && *given == spec.orientation && spec.orientation != shape) {
        fault("orientation", "does not go with a size of " + spec.size + ", which is " +
                                 std::string(shape) + "; leave it out");
    }
    spec.orientation = shape;
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
        const auto given = plainValue(value.get_ref<const std::string&>());
        if (given && given->is_number()) return given->get<double>();
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
    if (std::floor(*given) != *given || !kSeeds.holds(*given)) {
        fault("seed", "must be null, -1 or an integer from 0 to " + std::to_string(kSeeds.max) +
                          ", found " + shown(*value));
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
    if (given && kGuidanceScales.holds(*given)) {
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
            unknown.emplace_back(
                "endpoints", "names an unknown endpoint " + shown(name) + "; there are " + known);
        }
    }
    spec.target = pipeline::Target::List;
    if (!unknown.empty()) {
        spec.endpoints.assign(chosen.begin(), chosen.end());
        return;
    }
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
    spec.stepsByDefault = find("steps") == nullptr;
    integer("priority", kPriorities.min, kPriorities.max, spec.priority);
    std::string mode = "same";
    word("prompt_mode", mode, kPromptModes);
    spec.promptMode =
        mode == "different" ? pipeline::PromptMode::Different : pipeline::PromptMode::Same;
    word("orientation", spec.orientation, pipeline::orientationNames());
    size(spec);
    seed(spec.seed);
    if (const Json* value = find("strength")) {
        if (const auto given = number("strength", *value)) {
            if (kStrengths.holds(*given)) {
                spec.strength = *given;
            } else {
                fault("strength", "must be a number from 0 to 1, found " + shown(*value));
            }
        }
    }
    guidance(spec);
    endpoints(spec);
    if (!spec.random && trim(spec.prompt).empty()) {
        const auto given = raw_.values.find("prompt");
        if (given != raw_.values.end()) {
            // What is no text is told already.
            if (given->second.is_string())
                fault("prompt", "must not be empty unless random is true");
        } else if (!lacksPicture_) {
            fault("prompt", "is required unless random is true");
        }
    }
    if (spec.promptMode == pipeline::PromptMode::Different &&
        spec.target == pipeline::Target::Any) {
        fault("prompt_mode",
              "\"different\" needs endpoints to tell apart; it cannot go with "
              "endpoints \"any\"");
    }
    if (raw_.repeatsImage) fault("image", "is given more than once");
    if (raw_.values.count("image") > 0) {
        fault("image", "must be base64 text, a data URL or a file part");
    }
    return spec;
}

// What was asked for: who that means, and their order, depends on the endpoints that there are now.
Json withoutChoice(Json fields) {
    const auto endpoints = fields.find("endpoints");
    if (endpoints == fields.end()) return fields;
    if (fields.value("target", "") != "list") {
        fields.erase(endpoints);
    } else {
        std::sort(endpoints->begin(), endpoints->end());
    }
    return fields;
}

// What came in beside from_image, in one spelling. The picture's own fields are left out: its file
// may change, or go to the trash, while a client tries again.
Json repeatsOf(const Json& fromImage, const std::set<std::string>& given, bool withPicture,
               bool withOthers, const pipeline::JobSpec& spec) {
    pipeline::JobSpec said = spec;
    said.imageMime = "image";  // or its strength would not be said
    const Json all = said.toJson();
    Json fields = Json::object();
    for (const std::string& name : given) {
        fields[name] = all.value(name, Json());
        if (name == "endpoints") fields["target"] = all["target"];
    }
    return {{"from_image", fromImage},
            {"image", withPicture},
            {"inputs", withOthers},
            {"fields", withoutChoice(std::move(fields))}};
}

// The pictures of a request whose fields are in order.
Status takePictures(RawFields& raw, OtherPictures others, GenerateRequest& result) {
    result.spec.inputs = std::move(others.facts);
    result.otherPictures = std::move(others.bytes);
    if (raw.hasImage) {
        auto picture = takePicture(raw, "image");
        if (!picture) return picture.error();
        result.spec.imageMime = imageMime(picture->info.format);
        result.spec.imageWidth = picture->info.width;
        result.spec.imageHeight = picture->info.height;
        result.extension = imageExtension(picture->info.format);
        result.picture = std::move(picture->bytes);
    }
    if (result.refusal) return Unit{};  // nobody knows what they belong to
    Faults faults;
    judgePictures(result.spec, faults);
    return faults.empty() ? Status(Unit{}) : Status(validationError(faults));
}

}  // namespace

std::string GenerateRequest::fingerprint() const {
    const bool repeated = repeats.is_object();
    Poco::SHA1Engine engine;
    Json meant = repeated ? repeats : withoutChoice(spec.toJson());
    meant.erase("steps_by_default");
    engine.update(meant.dump(-1, ' ', false, Json::error_handler_t::replace));
    if (!repeated || repeats.at("image").get<bool>()) engine.update(picture);
    if (!repeated || repeats.at("inputs").get<bool>()) {
        for (std::size_t i = 0; i < otherPictures.size(); ++i) {
            const std::string& bytes = otherPictures[i];
            engine.update(std::string(plugins::nameOf(spec.inputs[i].role)) + ":" +
                          std::to_string(bytes.size()) + ":");
            engine.update(bytes);
        }
    }
    return Poco::DigestEngine::digestToHex(engine.digest());
}

const std::vector<std::string>& requestFieldNames() {
    return kNames;
}

Result<GenerateRequest> readGenerateRequest(http::Request& request, const GenerateRules& rules,
                                            const GalleryRequests* gallery) {
    static const std::vector<std::string> kAllNames = [] {
        std::vector<std::string> names = kNames;
        names.emplace_back(kFromImage);
        return names;
    }();
    GenerateRequest result;
    Faults faults;
    Faults ofPictures;
    auto sent = findPictures(request, ofPictures);
    if (!sent) return sent.error();
    auto raw = takeFields(request, kAllNames);
    if (!raw) return raw.error();
    takeStart(sent->list, *raw, ofPictures);
    OtherPictures others;
    Json fromImage;
    std::optional<Error> gone;  // the picture that it names
    std::set<std::string> given;
    const bool pictureGiven = raw->hasImage;
    if (const auto field = raw->values.find(kFromImage);
        field != raw->values.end() && !(raw->isForm && isEmptyText(field->second))) {
        fromImage = std::move(field->second);
        raw->values.erase(field);
        if (raw->isForm) std::erase_if(raw->values, [](auto& v) { return isEmptyText(v.second); });
        given = raw->nulls;
        for (const auto& [name, value] : raw->values)
            given.insert(name);
        const Status filled =
            repeatPicture(fromImage, *raw, sent->given ? nullptr : &others, gallery, rules, faults);
        if (!filled && filled.error().code != ErrorCode::NotFound) return filled.error();
        if (!filled) gone = filled.error();
        result.refusal = faults.empty() ? gone : std::optional(validationError(faults));
    }
    Judge judge(*raw, rules, result.refusal.has_value());
    result.spec = judge.read();
    faults.insert(faults.end(), judge.faults.begin(), judge.faults.end());
    faults.insert(faults.end(), ofPictures.begin(), ofPictures.end());
    faults.insert(faults.end(), judge.unknown.begin(), judge.unknown.end());
    if (!judge.faults.empty() || !ofPictures.empty()) {
        return gone ? *gone : validationError(faults);
    }
    if (!judge.unknown.empty() && !gone) result.refusal = validationError(faults);
    if (!fromImage.is_null()) {
        result.repeats = repeatsOf(fromImage, given, pictureGiven, sent->given, result.spec);
    }
    if (sent->given) {
        auto read = readPictures(std::move(sent->list));
        if (!read) return read.error();
        others = std::move(*read);
    }
    if (Status taken = takePictures(*raw, std::move(others), result); !taken) return taken.error();
    return result;
}

Result<GenerateRequest> makeGenerateRequest(const Json& fields, std::vector<SentPicture> pictures,
                                            const GenerateRules& rules) {
    RawFields raw;
    for (const auto& [name, value] : fields.items()) {
        if (!value.is_null()) raw.values[name] = value;
    }
    Faults faults;
    takeStart(pictures, raw, faults);
    Judge judge(raw, rules, false);
    GenerateRequest result;
    result.spec = judge.read();
    judge.faults.insert(judge.faults.end(), judge.unknown.begin(), judge.unknown.end());
    judge.faults.insert(judge.faults.end(), faults.begin(), faults.end());
    if (!judge.faults.empty()) return validationError(judge.faults);
    auto others = readPictures(std::move(pictures));
    if (!others) return others.error();
    if (Status taken = takePictures(raw, std::move(*others), result); !taken) return taken.error();
    return result;
}

}  // namespace host::services
