#include "sim-comfyui/studio.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace sim {

namespace {

constexpr const char* kJson = "application/json; charset=utf-8";
constexpr const char* kNothing = "application/octet-stream";

constexpr std::array kFaults{
    Fault{"no-model", "the checkpoint is not there: 400 with node_errors; alone"},
    Fault{"partial", "200, with node_errors of an output"},
    Fault{"fail", "ends in an execution_error with a path in its text"},
    Fault{"out-of-memory", "ends in an execution_error of the GPU's memory"},
    Fault{"forget", "the prompt vanishes while it runs, as after a restart"},
    Fault{"hang", "runs for ever"},
    Fault{
        "interrupt-any",
        "/interrupt stops what runs, whatever prompt_id it names, as before September 2025; alone"},
    Fault{"lost-file", "the finished picture is 404; alone"},
    Fault{"no-socket", "the websocket is refused: 403; alone"},
    Fault{"cut-socket", "every websocket is cut after the first step, and refused from then on"},
    Fault{"mute-socket", "the websocket is granted, and nothing is ever said on it; alone"},
};

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && std::isxdigit(text[i + 1]) != 0 &&
            std::isxdigit(text[i + 2]) != 0) {
            out.push_back(
                static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

std::string parameter(const std::string& target, const std::string& name) {
    auto at = target.find(name + "=");
    if (at == target.npos) return {};
    at += name.size() + 1;
    return decoded(std::string_view(target).substr(at, target.find('&', at) - at));
}

}  // namespace

std::string studioFaults() {
    return faultsText(kFaults);
}

bool areStudioFaults(const std::string& names) {
    return areFaults(kFaults, names);
}

Studio::Studio(const StudioOptions& options)
    : options_(options),
      log_(options.logFile),
      faults_(options.fault, options.faultAfter, options.faultCount),
      worker_([this] { work(); }) {
    if (options.fault == "no-socket") events_.refuse();
    if (options.fault == "mute-socket") events_.mute();
}

Studio::~Studio() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    events_.stop();
    worker_.join();
}

bool Studio::answer(Connection& connection, const Request& request) {
    std::string path = request.target.substr(0, request.target.find('?'));
    const bool get = request.method == "GET";
    log_.write({{"method", request.method}, {"target", request.target}, {"at_ms", epochMs()}});
    if (auto origin = request.header("origin");
        !origin.empty() && origin.find(request.header("host")) == origin.npos)
        return connection.reply(403, kNothing, "");
    Json body = get ? Json() : Json::parse(request.body, nullptr, false);
    if (path == "/ws" && get)
        return events_.serve(connection, request, parameter(request.target, "clientId"));
    if (path == "/prompt" && get) {
        const auto waiting = queue();
        return connection.reply(200, kJson,
                                Json{{"exec_info",
                                      {{"queue_remaining", waiting["queue_running"].size() +
                                                               waiting["queue_pending"].size()}}}}
                                    .dump());
    }
    if (path == "/prompt") return takePrompt(connection, request);
    if (path == "/queue" && get) return connection.reply(200, kJson, queue().dump());
    if (path == "/queue") {
        if (body.is_object()) removePending(body.value("delete", Json::array()));
        return connection.reply(200, kNothing, "");
    }
    if (path == "/interrupt") {
        interrupt(body);
        return connection.reply(200, kNothing, "");
    }
    if (path == "/history" || path.starts_with("/history/")) {
        std::lock_guard lock(mutex_);
        if (!get) {
            for (const auto& id : body.is_object() ? body.value("delete", Json::array()) : Json())
                std::erase_if(history_, [&](const auto& entry) { return id == entry.first; });
            return connection.reply(200, kNothing, "");
        }
        Json out = Json::object();
        for (const auto& [id, entry] : history_)
            if (path == "/history" || path == "/history/" + id) out[id] = entry;
        return connection.reply(200, kJson, out.dump());
    }
    if (path == "/upload/image" && !get) return takeUpload(connection, request);
    if (path == "/view") return view(connection, request.target);
    if (path == "/models/checkpoints")
        return connection.reply(200, kJson, Json::array({options_.checkpoint}).dump());
    if (path.starts_with("/object_info/")) return objectInfo(connection, path.substr(13));
    return connection.reply(404, "text/plain; charset=utf-8", "404: Not Found");
}

bool Studio::objectInfo(Connection& connection, const std::string& name) const {
    Json out = Json::object();
    if (name == "CheckpointLoaderSimple" || name == "UNETLoader") {
        const Json choices =
            options_.fault == "no-model" ? Json::array() : Json::array({options_.checkpoint});
        const char* input = name == "UNETLoader" ? "unet_name" : "ckpt_name";
        out[name] = {{"input", {{"required", {{input, Json::array({choices, Json::object()})}}}}}};
    } else {
        out[name] = {{"input", {{"required", Json::object()}}}};
    }
    return connection.reply(200, kJson, out.dump());
}

bool Studio::takePrompt(Connection& connection, const Request& request) {
    Json body = Json::parse(request.body, nullptr, false);
    if (body.is_discarded() || !body.is_object() || !body.contains("prompt"))
        return connection.reply(500, "text/plain; charset=utf-8",
                                "500 Internal Server Error\n\nServer got itself in trouble");
    Prompt prompt;
    prompt.graph = body["prompt"];
    Json nodeErrors = Json::object();
    {
        std::lock_guard lock(mutex_);
        prompt.number = numbers_++;
        prompt.id = body.value("prompt_id", "sim-" + std::to_string(prompt.number));
        prompt.client = body.value("client_id", "");
        prompt.fault = faults_.next();
    }
    if (prompt.fault == "no-model" || prompt.fault == "partial")
        nodeErrors["4"] = {{"errors",
                            {{{"type", "value_not_in_list"},
                              {"message", "Value not in list"},
                              {"details", "ckpt_name: 'gone.safetensors' not in []"},
                              {"extra_info", {{"input_name", "ckpt_name"}}}}}},
                           {"dependent_outputs", {"9"}},
                           {"class_type", "CheckpointLoaderSimple"}};
    if (prompt.fault == "no-model")
        return connection.reply(400, kJson,
                                Json{{"error",
                                      {{"type", "prompt_outputs_failed_validation"},
                                       {"message", "Prompt outputs failed validation"},
                                       {"details", ""},
                                       {"extra_info", Json::object()}}},
                                     {"node_errors", nodeErrors}}
                                    .dump());
    Json answer{{"prompt_id", prompt.id}, {"number", prompt.number}, {"node_errors", nodeErrors}};
    {
        std::lock_guard lock(mutex_);
        pending_.push_back(std::move(prompt));
        if (pending_.size() > kKept) pending_.pop_front();
    }
    changed_.notify_all();
    return connection.reply(200, kJson, answer.dump());
}

bool Studio::takeUpload(Connection& connection, const Request& request) {
    const auto name = request.body.find("filename=\"");
    const auto begin = request.body.find("\r\n\r\n");
    const auto end = request.body.rfind("\r\n--");
    const auto last = end == request.body.npos ? end : request.body.rfind("\r\n--", end);
    if (name == request.body.npos || begin == request.body.npos || last == request.body.npos ||
        begin + 4 > last)
        return connection.reply(400, kNothing, "");
    std::string file =
        request.body.substr(name + 10, request.body.find('"', name + 10) - name - 10);
    std::string bytes = request.body.substr(begin + 4, last - begin - 4);
    std::lock_guard lock(mutex_);
    // Another picture of the same name gets a name of its own.
    const std::string stem = file.substr(0, file.rfind('.'));
    const std::string extension = file.substr(stem.size());
    for (int i = 1;; ++i) {
        auto taken =
            std::ranges::find(files_, "input//" + file, [](const auto& f) { return f.first; });
        if (taken == files_.end()) {
            files_.emplace_back("input//" + file, std::move(bytes));
            break;
        }
        if (taken->second == bytes) break;
        file = stem + " (" + std::to_string(i) + ")" + extension;
    }
    if (files_.size() > kKept) files_.pop_front();
    return connection.reply(200, kJson,
                            Json{{"name", file}, {"subfolder", ""}, {"type", "input"}}.dump());
}

bool Studio::view(Connection& connection, const std::string& target) {
    const std::string key = parameter(target, "type") + "/" + parameter(target, "subfolder") + "/" +
                            parameter(target, "filename");
    std::string bytes;
    {
        std::lock_guard lock(mutex_);
        auto file = std::ranges::find(files_, key, [](const auto& each) { return each.first; });
        if (file == files_.end() || options_.fault == "lost-file")
            return connection.reply(404, kNothing, "");
        bytes = file->second;
    }
    return connection.reply(200, "image/png", bytes);
}

Studio::Json Studio::queue() {
    std::lock_guard lock(mutex_);
    const auto item = [](const Prompt& prompt) {
        return Json::array({prompt.number, prompt.id, prompt.graph, Json::object(), Json::array()});
    };
    Json out{{"queue_running", Json::array()}, {"queue_pending", Json::array()}};
    if (running_) out["queue_running"].push_back(item(*running_));
    for (const auto& prompt : pending_)
        out["queue_pending"].push_back(item(prompt));
    return out;
}

bool Studio::awaitRunning(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [this] { return running_.has_value(); });
}

void Studio::removePending(const Json& ids) {
    std::lock_guard lock(mutex_);
    for (const auto& id : ids)
        std::erase_if(pending_, [&](const Prompt& prompt) { return id == prompt.id; });
}

void Studio::interrupt(const Json& body) {
    {
        std::lock_guard lock(mutex_);
        const bool named =
            options_.fault != "interrupt-any" && body.is_object() && body.contains("prompt_id");
        if (!running_ || (named && body["prompt_id"] != running_->id)) return;
        interrupted_ = true;
    }
    changed_.notify_all();
}

}  // namespace sim
