#include "imaging/metadata_own.hpp"

#include "imaging/metadata_text.hpp"

namespace host::imaging {

namespace {

constexpr std::size_t kMostFields = 50;
constexpr std::size_t kMostElements = 100;

bool isPlain(const FoundJson& value) {
    return value.is_string() || value.is_number() || value.is_boolean();
}

Json plain(const FoundJson& value) {
    if (value.is_string()) return cleanText(value.get_ref<const std::string&>());
    if (value.is_boolean()) return value.get<bool>();
    if (value.is_number_unsigned()) return value.get<std::uint64_t>();
    if (value.is_number_integer()) return value.get<std::int64_t>();
    return value.get<double>();
}

// Plain values and lists of them.
Json requestIn(const FoundJson& found) {
    Json request = Json::object();
    for (const auto& [name, value] : found.items()) {
        if (request.size() >= kMostFields) break;
        if (isPlain(value)) {
            request[cleanText(name)] = plain(value);
        } else if (value.is_array() && value.size() <= kMostElements) {
            Json list = Json::array();
            for (const FoundJson& element : value) {
                if (isPlain(element)) list.push_back(plain(element));
            }
            request[cleanText(name)] = std::move(list);
        }
    }
    return request;
}

std::optional<std::uint32_t> sideOf(const FoundJson& object, const char* key) {
    const auto side = integerOf(object, key);
    if (!side || *side < 1 || *side > UINT32_MAX) return std::nullopt;
    return static_cast<std::uint32_t>(*side);
}

}  // namespace

Json fieldsOf(const Generation& generation) {
    Json json = Json::object();
    const auto add = [&](const char* name, const auto& value) {
        if (value) json[name] = *value;
    };
    const auto addText = [&](const char* name, const std::string& text) {
        if (!text.empty()) json[name] = text;
    };
    addText("source", generation.source);
    addText("prompt", generation.prompt);
    addText("negative_prompt", generation.negativePrompt);
    add("seed", generation.seed);
    add("steps", generation.steps);
    add("guidance_scale", generation.guidanceScale);
    add("strength", generation.strength);
    add("width", generation.width);
    add("height", generation.height);
    addText("sampler", generation.sampler);
    addText("model", generation.model);
    return json;
}

Json ownJson(const Generation& generation, Json more) {
    Json json = more.is_object() ? std::move(more) : Json::object();
    const Json request = generation.request.is_object() ? generation.request : Json::object();
    const Json fields = fieldsOf(generation);  // items() does not keep a temporary alive
    for (const auto& [name, value] : fields.items()) {
        const bool inRequest = name == "prompt" || name == "negative_prompt";
        if (name == "source" || json.contains(name)) continue;
        if (inRequest && request.contains(name) && request[name] == value) continue;
        json[name] = value;
    }
    json["request"] = request;
    return json;
}

std::optional<Generation> parseOwn(std::string_view text) {
    const auto json = parseFound(text);
    if (!json || !json->is_object()) return std::nullopt;
    const auto request = json->find("request");
    if (request == json->end() || !request->is_object()) return std::nullopt;
    Generation generation;
    generation.source = "image_pipeline";
    generation.request = requestIn(*request);
    const auto textIn = [&](const char* name) {
        std::string own = textOf(*json, name);
        return own.empty() ? textOf(*request, name) : own;
    };
    generation.prompt = textIn("prompt");
    generation.negativePrompt = textIn("negative_prompt");
    generation.seed = integerOf(*json, "seed");
    if (const auto steps = integerOf(*json, "steps"); steps && *steps > 0 && *steps <= 1'000'000) {
        generation.steps = static_cast<int>(*steps);
    }
    generation.guidanceScale = numberOf(*json, "guidance_scale");
    generation.strength = numberOf(*json, "strength");
    generation.width = sideOf(*json, "width");
    generation.height = sideOf(*json, "height");
    generation.sampler = textOf(*json, "sampler");
    generation.model = textOf(*json, "model");
    generation.jobId = textOf(*json, "job_id");
    return generation;
}

}  // namespace host::imaging
