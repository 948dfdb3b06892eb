#include "sim-openai-images/call.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace sim {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxParts = 64;

bool isGptImage(const std::string& model) {
    return model.starts_with("gpt-image") || model.starts_with("chatgpt-image");
}

std::set<std::string> sizesOf(const std::string& model) {
    if (isGptImage(model)) return {"auto", "1024x1024", "1536x1024", "1024x1536"};
    if (model == "dall-e-3") return {"1024x1024", "1792x1024", "1024x1792"};
    if (model == "dall-e-2") return {"256x256", "512x512", "1024x1024"};
    return {};
}

std::set<std::string> fieldsOf(const std::string& model) {
    std::set<std::string> names{"prompt", "model", "n", "size", "quality", "user"};
    if (isGptImage(model)) {
        names.insert({"background", "moderation", "output_compression", "output_format", "stream",
                      "partial_images", "input_fidelity"});
    } else {
        names.insert({"response_format", "style"});
    }
    return names;
}

std::string quoted(std::string_view head, std::string_view name) {
    const std::string start = std::string(name) + "=\"";
    const std::size_t begin = head.find(start);
    if (begin == head.npos) return {};
    const std::size_t end = head.find('"', begin + start.size());
    return std::string(head.substr(begin + start.size(), end - begin - start.size()));
}

void takePart(ImagesCall& call, std::string_view part) {
    const std::size_t blank = part.find("\r\n\r\n");
    if (blank == part.npos) return;
    const std::string name = quoted(part.substr(0, blank), "name");
    std::string_view value = part.substr(blank + 4);
    if (value.ends_with("\r\n")) value.remove_suffix(2);
    if (name == "mask") {
        call.mask = true;
    } else if (name == "image" || name == "image[]") {
        ++call.pictures;
    } else {
        call.fields[name] = std::string(value);
    }
}

}  // namespace

std::string ImagesCall::text(const char* name) const {
    const auto found = fields.find(name);
    return found != fields.end() && found->is_string() ? found->get<std::string>() : "";
}

int ImagesCall::number(const char* name, int fallback) const {
    const auto found = fields.find(name);
    if (found == fields.end()) return fallback;
    if (found->is_number()) return static_cast<int>(std::clamp(found->get<double>(), 0.0, 1000.0));
    const std::string digits = text(name);
    int value = fallback;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

bool ImagesCall::flag(const char* name) const {
    const auto found = fields.find(name);
    return found != fields.end() && (*found == true || *found == "true");
}

std::string Refusal::body() const {
    return Json{{"error",
                 {{"message", message},
                  {"type", type},
                  {"param", param.empty() ? Json() : Json(param)},
                  {"code", code.empty() ? Json() : Json(code)}}}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<ImagesCall> readImagesCall(const Request& request, bool edit) {
    ImagesCall call;
    call.edit = edit;
    const std::string type = request.header("content-type");
    if (!type.starts_with("multipart/form-data")) {
        call.fields = Json::parse(request.body, nullptr, false);
        if (!call.fields.is_object()) return std::nullopt;
        return call;
    }
    const std::size_t at = type.find("boundary=");
    if (at == type.npos) return std::nullopt;
    const std::string boundary = "--" + type.substr(at + 9);
    std::string_view rest = request.body;
    for (std::size_t parts = 0; parts < kMaxParts; ++parts) {
        const std::size_t begin = rest.find(boundary);
        if (begin == rest.npos) break;
        rest.remove_prefix(begin + boundary.size());
        const std::size_t end = rest.find(boundary);
        if (end == rest.npos) break;
        takePart(call, rest.substr(0, end));
    }
    return call;
}

std::optional<Refusal> refusalOf(const ImagesCall& call, const std::vector<std::string>& models) {
    const std::string model = call.text("model").empty() ? models.front() : call.text("model");
    if (std::ranges::find(models, model) == models.end())
        return Refusal{.message = "The model '" + model + "' does not exist.",
                       .code = "model_not_found",
                       .param = "model"};
    if (call.text("prompt").empty())
        return Refusal{.message = "Missing required parameter: 'prompt'.",
                       .code = "missing_required_parameter",
                       .param = "prompt"};
    if (call.edit && call.pictures == 0)
        return Refusal{.message = "Missing required parameter: 'image'.",
                       .code = "missing_required_parameter",
                       .param = "image"};
    const std::set<std::string> sizes = sizesOf(model);
    if (sizes.empty()) return std::nullopt;
    const std::set<std::string> known = fieldsOf(model);
    for (const auto& [name, value] : call.fields.items()) {
        if (!known.contains(name))
            return Refusal{.message = "Unknown parameter: '" + name + "'.",
                           .code = "unknown_parameter",
                           .param = name};
    }
    const std::string size = call.text("size");
    if (!size.empty() && !sizes.contains(size)) {
        std::string supported;
        for (const std::string& each : sizes)
            supported += (supported.empty() ? "'" : ", '") + each + "'";
        return Refusal{
            .message = "Invalid value: '" + size + "'. Supported values are: " + supported + ".",
            .code = "invalid_value",
            .param = "size"};
    }
    return std::nullopt;
}

}  // namespace sim
