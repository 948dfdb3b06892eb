#include "comfyui/history.hpp"

#include "comfyui/errors.hpp"

namespace comfyui {

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;

std::string textOf(const Json& object, const char* key) {
    auto value = object.find(key);
    return value != object.end() && value->is_string() ? value->get<std::string>() : "";
}

Json parse(std::string_view answer, const char* what) {
    auto json = upstream::parseJson(answer);
    if (!json || !json->is_object())
        throw Error(Status::kBadOutput, std::string("ComfyUI's ") + what +
                                            " is not a JSON object: " + upstream::excerpt(answer));
    return *std::move(json);
}

std::optional<Json> entryOf(std::string_view answer, const std::string& promptId) {
    Json history = parse(answer, "history");
    auto entry = history.find(promptId);
    if (entry == history.end() || !entry->is_object()) return std::nullopt;
    return *entry;
}

bool endedWell(const Json& entry) {
    auto status = entry.find("status");
    // Without a status the outputs alone tell.
    if (status == entry.end() || !status->is_object()) return true;
    return textOf(*status, "status_str") != "error";
}

// Failed and interrupted runs look alike but for their messages.
[[noreturn]] void throwFailure(const Json& entry) {
    const Json status = entry.value("status", Json::object());
    const Json messages = status.value("messages", Json::array());
    for (const auto& message : messages) {
        if (!message.is_array() || message.size() < 2 || !message[0].is_string() ||
            !message[1].is_object())
            continue;
        const Json& about = message[1];
        std::string where =
            "node " + textOf(about, "node_id") + " (" + textOf(about, "node_type") + ")";
        if (message[0] == "execution_interrupted")
            throw Error(Status::kUpstream, "the run was interrupted on the server at " + where);
        if (message[0] != "execution_error") continue;
        std::string type = textOf(about, "exception_type");
        std::string text = upstream::excerpt(withoutPaths(textOf(about, "exception_message")));
        bool memory = type.find("OutOfMemory") != type.npos || type == "MemoryError" ||
                      text.find("out of memory") != text.npos;
        throw Error(memory ? Status::kOutOfMemory : Status::kUpstream,
                    "the workflow failed at " + where + ": " + (text.empty() ? type : text), {},
                    upstream::dump({{"node", textOf(about, "node_id")},
                                    {"class_type", textOf(about, "node_type")},
                                    {"exception_type", type}}));
    }
    throw Error(Status::kUpstream, "the workflow failed on the server without a reason");
}

}  // namespace

QueuePosition findInQueue(std::string_view answer, const std::string& promptId) {
    Json queue = parse(answer, "queue");
    const auto is = [&](const Json& item) {
        return item.is_array() && item.size() > 1 && item[1].is_string() && item[1] == promptId;
    };
    const Json running = queue.value("queue_running", Json::array());
    for (const auto& item : running)
        if (is(item)) return {Place::Running, 0};
    // /queue gives the waiting ones as a heap, so the numbers tell the order.
    const Json pending = queue.value("queue_pending", Json::array());
    for (const auto& item : pending) {
        if (!is(item)) continue;
        std::size_t before = running.size();
        for (const auto& other : pending)
            if (other.is_array() && !other.empty() && other[0].is_number() && item[0].is_number() &&
                other[0] < item[0])
                ++before;
        return {Place::Pending, before};
    }
    return {};
}

Ended howItEnded(std::string_view answer, const std::string& promptId) {
    auto entry = entryOf(answer, promptId);
    if (!entry) return Ended::Unknown;
    return endedWell(*entry) ? Ended::Well : Ended::Badly;
}

std::optional<std::vector<RemotePicture>> picturesOf(std::string_view answer,
                                                     const std::string& promptId,
                                                     const std::set<std::string>& nodes) {
    auto entry = entryOf(answer, promptId);
    if (!entry) return std::nullopt;
    if (!endedWell(*entry)) throwFailure(*entry);
    std::vector<RemotePicture> pictures;
    const Json outputs = entry->value("outputs", Json::object());
    for (const auto& [node, output] : outputs.items()) {
        if (!nodes.empty() && !nodes.contains(node)) continue;
        if (!output.is_object() || !output.contains("images") || !output["images"].is_array())
            continue;
        for (const auto& image : output["images"]) {
            if (!image.is_object() || pictures.size() == kMaxPictures) continue;
            RemotePicture picture{textOf(image, "filename"), textOf(image, "subfolder"),
                                  textOf(image, "type")};
            if (!picture.filename.empty()) pictures.push_back(std::move(picture));
        }
    }
    if (pictures.empty())
        throw Error(Status::kBadOutput, "the workflow ended without a picture at its output nodes");
    return pictures;
}

}  // namespace comfyui
