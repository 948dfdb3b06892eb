#include "comfyui/settings.hpp"

#include <filesystem>
#include <fstream>

#include "comfyui/templates.hpp"
#include "common/web_address.hpp"

namespace comfyui {

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;

constexpr std::size_t kMaxWorkflow = std::size_t{4} << 20;  // bytes of a template file

[[noreturn]] void fault(const std::string& field, const std::string& message) {
    throw Error(Status::kInvalidArgument, message, field);
}

Json readFile(const std::string& path, const std::string& field) {
    std::error_code ignored;
    std::ifstream file;
    if (std::filesystem::is_regular_file(path, ignored)) file.open(path, std::ios::binary);
    if (!file.is_open())
        fault(field, "the workflow file cannot be read; a path is relative to config.json");
    std::string text(kMaxWorkflow + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxWorkflow) fault(field, "the workflow file is larger than 4 MiB");
    auto graph = upstream::parseJson(text);
    if (!graph) fault(field, "the workflow file is not JSON");
    return *std::move(graph);
}

// A graph as it stands there, or the path of a file that holds one.
Json graphOf(const Json& value, const std::string& field) {
    if (value.is_object()) return value;
    if (value.is_string()) return readFile(value.get<std::string>(), field);
    fault(field, "expected a path or a workflow object");
}

// A name that no node takes would be told of a picture that another one drew. A mapping may say
// that it is meant for none of this workflow.
void expectPlace(const Workflow& flow, Slot slot, const std::string& prefix, const Json& mapping) {
    const std::string name(nameOf(slot));
    if (mapping.is_object() && mapping.contains(name)) return;
    const std::string how = "name its place in " + prefix + "mapping, as {\"" + name +
                            R"(": {"node": "4", "input": "..."}})";
    if (!flow.has(slot))
        fault("/" + name, "no node of " + prefix + "workflow takes the " + name + ": " + how +
                              ", or leave this setting out");
    if (slot == Slot::Model && flow.differs(slot))
        fault("/model", "the loaders of " + prefix + "workflow have different models: " + how);
}

}  // namespace

Settings readSettings(std::string_view text) {
    auto json = upstream::parseJson(text.empty() ? "{}" : text);
    if (!json || !json->is_object()) fault("", "the settings are not a JSON object");
    const auto textAt = [&](const char* key, const char* fallback = "") {
        auto value = json->find(key);
        if (value == json->end()) return std::string(fallback);
        if (!value->is_string()) fault(std::string("/") + key, "expected a text");
        return value->get<std::string>();
    };
    Settings out;
    out.url = upstream::webAddress(textAt("url", "http://127.0.0.1:8188"));
    if (out.url.empty())
        fault("/url",
              "expected the server's address without query, such as http://192.168.5.40:8188");
    out.model = textAt("model");
    const std::string outputNode = textAt("output_node");

    const bool own = json->contains("workflow");
    const auto mappingAt = [&](const char* key) {
        Json mapping = json->value(key, Json());
        if (mapping.is_null()) return mapping;
        if (!mapping.is_object()) fault(std::string("/") + key, "expected an object");
        for (const auto& [name, places] : mapping.items()) {
            bool known = false;
            for (int slot = 0; slot <= static_cast<int>(Slot::Scheduler); ++slot)
                known = known || nameOf(static_cast<Slot>(slot)) == name;
            const std::string field = std::string("/") + key + "/" + name;
            if (!known) fault(field, "there is no value of that name");
            for (const auto& place : places.is_array() ? places : Json::array({places}))
                if (!place.is_object() || !place.contains("node") || !place["node"].is_string() ||
                    !place.contains("input") || !place["input"].is_string())
                    fault(field, R"(expected {"node": "6", "input": "text"} or a list of them)");
        }
        return mapping;
    };
    if (!own && out.model.empty())
        fault("/model", "without a workflow the name of a checkpoint is required");
    out.fromText.emplace(
        own ? graphOf((*json)["workflow"], "/workflow") : *upstream::parseJson(textToImage()),
        "/workflow", mappingAt("mapping"), own ? outputNode : "");
    const auto take = [&](std::optional<Workflow>& flow, const std::string& name,
                          std::string_view shipped, Slot needed) {
        const std::string key = name + "_workflow";
        if (json->contains(key)) {
            flow.emplace(graphOf((*json)[key], "/" + key), "/" + key,
                         mappingAt((name + "_mapping").c_str()), "");
        } else if (!own) {
            // Both are brought to the size that is asked for.
            Json scaled{{"width", Json::array()}, {"height", Json::array()}};
            auto graph = *upstream::parseJson(shipped);
            for (const auto& [id, node] : graph.items())
                if (node["class_type"] == "ImageScale")
                    for (const char* side : {"width", "height"})
                        scaled[side].push_back({{"node", id}, {"input", side}});
            flow.emplace(std::move(graph), "/" + key, scaled, "");
        }
        if (flow && !flow->has(needed))
            fault("/" + key, "no LoadImage" + std::string(needed == Slot::Mask ? "Mask" : "") +
                                 " node takes the " + std::string(nameOf(needed)) +
                                 ": name it in " + name + "_mapping");
    };
    take(out.fromImage, "image", imageToImage(), Slot::Image);
    take(out.fromMask, "mask", imageToImageWithMask(), Slot::Mask);
    if (out.fromMask && !out.fromMask->has(Slot::Image))
        fault("/mask_workflow", "no LoadImage node takes the picture: name it in mask_mapping");

    for (const Slot slot : {Slot::Model, Slot::Sampler, Slot::Scheduler}) {
        const std::string key(nameOf(slot));
        const std::string name = textAt(key.c_str());
        if (name.empty()) continue;
        out.fixed[slot] = name;
        if (out.fromText) expectPlace(*out.fromText, slot, "", mappingAt("mapping"));
        if (out.fromImage) expectPlace(*out.fromImage, slot, "image_", mappingAt("image_mapping"));
        if (out.fromMask) expectPlace(*out.fromMask, slot, "mask_", mappingAt("mask_mapping"));
    }
    return out;
}

}  // namespace comfyui
