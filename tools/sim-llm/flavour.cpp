#include "sim-llm/flavour.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace sim {

namespace {

using Json = Shelf::Json;

constexpr std::array<std::pair<std::string_view, Flavour>, 5> kNames{{
    {"plain", Flavour::Plain},
    {"llama-server", Flavour::LlamaServer},
    {"ollama", Flavour::Ollama},
    {"lm-studio", Flavour::LmStudio},
    {"vllm", Flavour::Vllm},
}};

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

std::string textAt(const Json& object, const char* name) {
    if (!object.is_object() || !object.contains(name) || !object[name].is_string()) return {};
    return object[name];
}

// Ollama answers foreign host names, which a page in a browser could use, with nothing at all.
bool isLocalHost(std::string host) {
    host = host.substr(0, host.rfind(':'));
    return host.empty() || host == "localhost" || host.starts_with("127.") || host == "[::1]" ||
           host.starts_with("192.168.") || host.starts_with("10.") || host.ends_with(".local");
}

}  // namespace

std::optional<Flavour> flavourFrom(const std::string& name) {
    const auto found = std::ranges::find(kNames, name, [](const auto& one) { return one.first; });
    if (found == kNames.end()) return std::nullopt;
    return found->second;
}

Shelf::Refusal Shelf::error(int status, const std::string& message, const std::string& type) const {
    switch (flavour_) {
        case Flavour::LmStudio:
            return {status, Json{{"error", message}}.dump()};
        case Flavour::Ollama:
            return {
                status,
                Json{
                    {"error",
                     {{"message", message}, {"type", type}, {"param", nullptr}, {"code", nullptr}}}}
                    .dump()};
        default:
            return {
                status,
                Json{{"error", {{"code", status}, {"message", message}, {"type", type}}}}.dump()};
    }
}

std::string Shelf::reasoningField() const {
    return flavour_ == Flavour::Ollama || flavour_ == Flavour::Vllm ? "reasoning"
                                                                    : "reasoning_content";
}

std::string Shelf::canonical(const std::string& model) const {
    if (flavour_ == Flavour::Ollama && !holds(model, ":")) return model + ":latest";
    return model;
}

bool Shelf::knows(const std::string& model) const {
    return std::ranges::any_of(
        models_, [&](const std::string& one) { return canonical(one) == canonical(model); });
}

bool Shelf::isLoaded(const std::string& model) const {
    const std::lock_guard lock(mutex_);
    return flavour_ == Flavour::Vllm || loaded_.contains(canonical(model));
}

bool Shelf::load(const Json& body) {
    const std::string model = textAt(body, "model");
    const std::lock_guard lock(mutex_);
    return flavour_ != Flavour::Plain && flavour_ != Flavour::Vllm &&
           loaded_.insert(canonical(model)).second;
}

bool Shelf::unload(const std::string& model) {
    const std::lock_guard lock(mutex_);
    return loaded_.erase(canonical(model)) > 0;
}

Json Shelf::openAiList() const {
    Json data = Json::array();
    for (const std::string& model : models_) {
        Json entry{{"id", canonical(model)}, {"object", "model"}, {"owned_by", "sim-llm"}};
        if (flavour_ == Flavour::LlamaServer)
            entry["status"] = {{"value", isLoaded(model) ? "loaded" : "unloaded"},
                               {"args", {"/srv/llama-server", "--model", model}}};
        if (flavour_ == Flavour::Vllm) entry["max_model_len"] = 8192;
        data.push_back(std::move(entry));
    }
    // What older versions of Ollama say when nothing is installed.
    if (flavour_ == Flavour::Ollama && models_.empty()) data = nullptr;
    return {{"object", "list"}, {"data", std::move(data)}};
}

Json Shelf::lmStudioList(bool old) const {
    Json list = Json::array();
    for (const std::string& model : models_) {
        const bool loaded = isLoaded(model);
        const bool sees = holds(model, "vl");
        const bool embeds = holds(model, "embed");
        if (old) {
            list.push_back({{"id", model},
                            {"type", embeds ? "embeddings"
                                     : sees ? "vlm"
                                            : "llm"},
                            {"state", loaded ? "loaded" : "not-loaded"}});
            continue;
        }
        Json instances = Json::array();
        if (loaded) instances.push_back({{"id", model}, {"config", {{"context_length", 4096}}}});
        list.push_back({{"type", embeds ? "embedding" : "llm"},
                        {"key", model},
                        {"loaded_instances", std::move(instances)},
                        {"capabilities", {{"vision", sees}, {"trained_for_tool_use", false}}}});
    }
    if (old) return {{"object", "list"}, {"data", std::move(list)}};
    return {{"models", std::move(list)}};
}

Json Shelf::ollamaList(bool onlyLoaded) const {
    Json list = Json::array();
    for (const std::string& model : models_) {
        if (onlyLoaded && !isLoaded(model)) continue;
        const std::string name = canonical(model);
        list.push_back({{"name", name},
                        {"model", name},
                        {"size", 4661224676},
                        {"details", {{"family", "sim"}, {"families", nullptr}}}});
    }
    return {{"models", std::move(list)}};
}

std::optional<Shelf::Answer> Shelf::llamaAnswer(const Request& request, std::string& unloaded) {
    if (request.target != "/models/unload") return std::nullopt;
    const std::string model = textAt(Json::parse(request.body, nullptr, false), "model");
    if (!unload(model)) {
        const Refusal no = error(400, "model '" + model + "' is not loaded", "invalid_request");
        return Answer{no.status, no.body};
    }
    unloaded = model;
    return Answer{200, R"({"success":true})"};
}

std::optional<Shelf::Answer> Shelf::ollamaAnswer(const Request& request, std::string& unloaded) {
    if (!isLocalHost(request.header("host"))) return Answer{403, ""};
    if (request.target == "/") return Answer{200, "Ollama is running"};
    if (request.target == "/api/version") return Answer{200, R"({"version":"0.13.0"})"};
    if (request.target == "/api/tags") return Answer{200, ollamaList(false).dump()};
    if (request.target == "/api/ps") return Answer{200, ollamaList(true).dump()};
    const Json body = Json::parse(request.body, nullptr, false);
    const std::string model = textAt(body, "model");
    if (request.target != "/api/show" && request.target != "/api/generate") return std::nullopt;
    if (!knows(model))
        return Answer{404, Json{{"error", "model '" + model + "' not found"}}.dump()};
    if (request.target == "/api/show") {
        Json can = Json::array({"completion"});
        if (holds(model, "vl")) can.push_back("vision");
        if (holds(model, "think")) can.push_back("thinking");
        return Answer{200, Json{{"capabilities", std::move(can)}}.dump()};
    }
    const bool leaves = body.contains("keep_alive") && body["keep_alive"] == 0;
    if (leaves && unload(model)) unloaded = canonical(model);
    return Answer{200, Json{{"model", model},
                            {"response", ""},
                            {"done", true},
                            {"done_reason", leaves ? "unload" : "load"}}
                           .dump()};
}

std::optional<Shelf::Answer> Shelf::lmStudioAnswer(const Request& request, std::string& unloaded) {
    if (request.target == "/api/v1/models") return Answer{200, lmStudioList(false).dump()};
    if (request.target == "/api/v0/models") return Answer{200, lmStudioList(true).dump()};
    if (request.target != "/api/v1/models/unload") return std::nullopt;
    const std::string id = textAt(Json::parse(request.body, nullptr, false), "instance_id");
    if (!unload(id)) return Answer{404, R"({"error":"no such instance"})"};
    unloaded = id;
    return Answer{200, Json{{"instance_id", id}}.dump()};
}

std::optional<Shelf::Answer> Shelf::answer(const Request& request, std::string& unloaded) {
    if (flavour_ == Flavour::Plain) return std::nullopt;
    std::optional<Answer> own;
    if (flavour_ == Flavour::LlamaServer) own = llamaAnswer(request, unloaded);
    if (flavour_ == Flavour::Ollama) own = ollamaAnswer(request, unloaded);
    if (flavour_ == Flavour::LmStudio) own = lmStudioAnswer(request, unloaded);
    if (!own && flavour_ == Flavour::Vllm && request.target == "/health") own = Answer{200, ""};
    if (!own && request.method == "GET" && request.target == "/v1/models")
        own = Answer{200, openAiList().dump()};
    return own;
}

std::optional<std::string> Shelf::pictureFault(const std::string& url) const {
    const bool webp = url.starts_with("data:image/webp");
    const bool known = url.starts_with("data:image/jpeg;base64,") ||
                       url.starts_with("data:image/png;base64,") || webp;
    if (flavour_ == Flavour::LmStudio && (!known || webp))
        return "'url' field must be a base64 encoded image";
    if (flavour_ == Flavour::Ollama && url.starts_with("http"))
        return "image URLs are not currently supported, please use base64 encoded data instead";
    if (flavour_ == Flavour::Ollama && !known) return "invalid image input";
    return std::nullopt;
}

std::optional<Shelf::Refusal> Shelf::refuse(const Json& body) const {
    if (flavour_ == Flavour::Plain) return std::nullopt;
    const std::string model = textAt(body, "model");
    const auto bad = [this](const std::string& message) {
        return error(400, message, "invalid_request_error");
    };
    if (flavour_ == Flavour::LlamaServer && !knows(model))
        return bad("model '" + model + "' not found");
    if (flavour_ == Flavour::Vllm && !knows(model))
        return error(404, "The model `" + model + "` does not exist.", "NotFoundError");
    if (!knows(model)) return error(404, "model '" + model + "' not found", "not_found_error");
    if (flavour_ == Flavour::Ollama) {
        if (body["messages"].empty()) return bad("[] is too short - 'messages'");
        for (const char* whole : {"max_tokens", "seed"}) {
            if (body.contains(whole) && !body[whole].is_number_integer() && !body[whole].is_null())
                return bad("json: cannot unmarshal number into Go struct field of type int");
        }
        const std::string effort = textAt(body, "reasoning_effort");
        if (!effort.empty() && effort != "none" && !holds(model, "think"))
            return bad("\"" + model + "\" does not support thinking");
    }
    const Json format = body.value("response_format", Json());
    if (flavour_ == Flavour::LmStudio && format.is_object()) {
        if (textAt(format, "type") != "json_schema" && textAt(format, "type") != "text")
            return bad("'response_format.type' must be 'json_schema' or 'text'");
        const Json schema = format.value("json_schema", Json::object()).value("schema", Json());
        if (textAt(format, "type") == "json_schema" && !schema.is_object())
            return bad("'response_format.json_schema.schema' must be an object");
    }
    for (const auto& message : body["messages"]) {
        const Json content = message.is_object() ? message.value("content", Json()) : Json();
        if (!content.is_array()) continue;
        for (const auto& part : content) {
            if (textAt(part, "type") != "image_url") continue;
            if (auto fault = pictureFault(textAt(part["image_url"], "url"))) return bad(*fault);
        }
    }
    return std::nullopt;
}

}  // namespace sim
