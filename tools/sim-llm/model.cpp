#include "sim-llm/model.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace sim {

namespace {

constexpr std::string_view kJson = "application/json; charset=utf-8";
constexpr std::string_view kEvents = "text/event-stream";
constexpr auto kForever = std::chrono::hours(1);

constexpr std::array kFaults{
    Fault{"empty", "an answer without text"},
    Fault{"reasoning-only", "thinks until max_tokens runs out, answers nothing"},
    Fault{"reasoning", "thinks first in reasoning_content, then answers"},
    Fault{"think-tags", "thinks first inside <think> in the answer"},
    Fault{"fenced", "wraps the answer in a code fence after some words of its own"},
    Fault{"whole-body", "answers a streaming request with one JSON body"},
    Fault{"http-500", "500 with an error object"},
    Fault{"html-502", "502 with an HTML page"},
    Fault{"string-error", "400 with the error as a string"},
    Fault{"unknown-model", "404 with an error object"},
    Fault{"busy-429", "429 with Retry-After: 1"},
    Fault{"broken-stream", "the connection closes in the middle of the stream"},
    Fault{"no-done", "the stream ends without [DONE]"},
    Fault{"error-mid-stream", "an error event in the middle of the stream"},
    Fault{"endless-stream", "words for ever"},
    Fault{"hang", "takes the request and never answers"},
    Fault{"hang-mid", "falls silent in the middle of the stream"},
    Fault{"unauthorized", "401 with an error object"},
    Fault{"no-schema", "400 with the error as a string when a response_format is asked for"},
    Fault{"prose", "puts the answer between sentences of its own"},
    Fault{"not-json", "answers in words where JSON is asked for"},
    Fault{"cut-json", "stops in the middle of the answer: max_tokens ran out"},
    Fault{"reasoning-json", "answers inside reasoning_content alone"},
};

constexpr std::array<std::string_view, 48> kWords{
    "amber",   "lantern",   "harbour", "quiet",    "granite",  "willow", "copper",     "storm",
    "meadow",  "glass",     "velvet",  "morning",  "river",    "shadow", "ember",      "frost",
    "garden",  "silver",    "canyon",  "moss",     "drifting", "golden", "narrow",     "distant",
    "bright",  "weathered", "wooden",  "stone",    "window",   "heron",  "lighthouse", "orchard",
    "thunder", "petal",     "marble",  "twilight", "crimson",  "indigo", "hollow",     "gentle",
    "ancient", "winding",   "salt",    "cedar",    "feather",  "mirror", "horizon",    "mist"};

std::string errorBody(int code, std::string_view message, std::string_view type) {
    return nlohmann::ordered_json{{"error", {{"code", code}, {"message", message}, {"type", type}}}}
        .dump();
}

// The text of a message, whatever form its content has.
std::string textOf(const nlohmann::ordered_json& message) {
    if (!message.is_object() || !message.contains("content")) return {};
    const auto& content = message["content"];
    if (content.is_string()) return content;
    std::string out;
    if (!content.is_array()) return out;
    for (const auto& part : content) {
        if (part.is_object() && part.contains("text") && part["text"].is_string())
            out += part["text"].get<std::string>();
    }
    return out;
}

// [{"mime", "bytes"}] of the pictures that come as data URLs.
nlohmann::ordered_json picturesOf(const nlohmann::ordered_json& message) {
    auto pictures = nlohmann::ordered_json::array();
    const auto content = message.value("content", nlohmann::ordered_json());
    if (!content.is_array()) return pictures;
    for (const auto& part : content) {
        if (!part.is_object() || !part.contains("image_url") || !part["image_url"].is_object())
            continue;
        std::string url = part["image_url"].value("url", "");
        std::size_t end = url.find(';');
        std::size_t comma = url.find(',');
        if (!url.starts_with("data:") || comma == url.npos) continue;
        pictures.push_back(
            {{"mime", url.substr(5, end - 5)}, {"bytes", (url.size() - comma - 1) / 4 * 3}});
    }
    return pictures;
}

}  // namespace

std::string modelFaults() {
    return faultsText(kFaults);
}

bool areModelFaults(const std::string& names) {
    return areFaults(kFaults, names);
}

Model::Model(const ModelOptions& options)
    : options_(options),
      faults_(options.fault, options.faultAfter, options.faultCount),
      shelf_(options.flavour, options.models.empty() ? std::vector{options.model} : options.models),
      log_(options.logFile),
      readyMs_(epochMs() + static_cast<std::int64_t>(options.loadingSeconds * 1000)) {}

bool Model::answer(Connection& connection, const Request& request) {
    if (shelf_.flavour() == Flavour::Plain && epochMs() < readyMs_)
        return connection.reply(503, kJson, errorBody(503, "Loading model", "unavailable_error"));
    std::string unloaded;
    if (auto own = shelf_.answer(request, unloaded)) {
        if (!unloaded.empty()) log_.write({{"unloaded", unloaded}, {"end_ms", epochMs()}});
        return connection.reply(own->status, kJson, own->body);
    }
    if (request.target == "/health") return connection.reply(200, kJson, R"({"status":"ok"})");
    if (!options_.apiKey.empty() && request.header("authorization") != "Bearer " + options_.apiKey)
        return connection.reply(401, kJson,
                                errorBody(401, "Invalid API Key", "authentication_error"));
    if (request.method == "GET" && request.target == "/v1/models") {
        Json model{{"id", options_.model}, {"object", "model"}, {"owned_by", "sim-llm"}};
        return connection.reply(200, kJson,
                                Json{{"object", "list"}, {"data", Json::array({model})}}.dump());
    }
    if (request.method == "POST" && request.target == "/v1/chat/completions")
        return complete(connection, request);
    return connection.reply(404, kJson, errorBody(404, "File Not Found", "not_found_error"));
}

std::string Model::write(const std::string& user, std::int64_t seed) const {
    std::mt19937_64 random(static_cast<std::uint64_t>(seed));
    std::string topic = user.substr(0, 80);
    std::ranges::replace(topic, '\n', ' ');
    std::string text =
        "A scene of " + (topic.empty() ? std::string("nothing in particular") : topic);
    for (int i = 0; i < options_.words; ++i) {
        text += i % 12 == 0 ? ", " : " ";
        text += kWords[random() % kWords.size()];
    }
    return text + ".";
}

std::string Model::scene(const std::string& user, std::int64_t seed) const {
    std::mt19937_64 random(static_cast<std::uint64_t>(seed));
    auto word = [&] { return std::string(kWords[random() % kWords.size()]); };
    std::string topic = user.substr(0, 200);
    std::ranges::replace(topic, '\n', ' ');
    Json subject{{"description", word() + " " + word()},
                 {"position", "centre"},
                 {"color_palette", {"amber", "indigo"}}};
    return Json{{"scene", "A scene of " + topic},
                {"props", word()},
                {"subjects", Json::array({subject})},
                {"style", word() + " photograph"},
                {"color_palette", {"amber", "indigo", "silver"}},
                {"lighting", "soft"},
                {"mood", word()},
                {"film_stock", "none"},
                {"era", "today"},
                {"background", word()},
                {"composition", "rule of thirds"},
                {"time_weather", "morning mist"},
                {"camera",
                 {{"angle", "eye level"},
                  {"distance", "medium"},
                  {"lens", "50mm"},
                  {"f_number", "f/2.8"},
                  {"iso", 200},
                  {"shutter_speed", "1/250s"},
                  {"aspect_ratio", "3:2"},
                  {"focus", "sharp"}}}}
        .dump(2);
}

bool Model::complete(Connection& connection, const Request& request) {
    Json body = Json::parse(request.body, nullptr, false);
    if (!body.is_object() || !body.contains("messages") || !body["messages"].is_array())
        return connection.reply(400, kJson,
                                errorBody(400, "'messages' is required", "invalid_request_error"));
    Json entry{{"received_ms", request.receivedMs}};
    entry["correlation_id"] = request.header("x-correlation-id");
    entry["model"] = body.value("model", Json());
    std::string user;
    std::string system;
    for (const auto& message : body["messages"]) {
        if (!message.is_object()) continue;
        if (message.value("role", Json()) == "system") system = textOf(message);
        if (message.value("role", Json()) != "user") continue;
        user = textOf(message);
        entry["pictures"] = picturesOf(message);
    }
    entry["prompt"] = user;
    entry["stream"] = body.value("stream", Json());
    bool hasSchema = body.contains("response_format");
    entry["has_schema"] = hasSchema;
    bool wantsScene = hasSchema || system.find("JSON object") != system.npos;
    std::int64_t seed;
    if (body.contains("seed") && body["seed"].is_number_integer()) {
        seed = body["seed"];
    } else {
        std::lock_guard lock(mutex_);
        seed = static_cast<std::int64_t>(random_() >> 11);
    }
    entry["seed"] = seed;
    std::string fault = faults_.next();
    entry["fault"] = fault;

    if (auto refusal = shelf_.refuse(body)) {
        entry["outcome"] = "refused";
        log_.write(entry);
        return connection.reply(refusal->status, kJson, refusal->body);
    }
    if (!waitForLoading(connection, body)) return false;

    bool keep;
    {
        std::unique_lock slot(slot_, std::defer_lock);
        if (!options_.parallel) slot.lock();
        entry["start_ms"] = epochMs();
        std::string text =
            wantsScene && fault != "not-json" ? scene(user, seed) : write(user, seed);
        if (fault == "empty" || fault == "reasoning-only") text.clear();
        if (fault == "prose")
            text = "Let me look {closely}. Here it is:\n" + text + "\nDo you like it?";
        if (fault == "cut-json") text.resize(text.size() / 2);
        if (fault == "think-tags")
            text = "<think>The user wants a picture. I plan.</think>\n" + text;
        if (fault == "fenced") text = "Sure, here it is:\n```text\n" + text + "\n```";
        if (fault == "no-schema" && hasSchema) {
            entry["outcome"] = "fault";
            keep = connection.reply(400, kJson,
                                    R"({"error":"'response_format.type' must be 'text'"})");
        } else if (refuse(connection, fault, entry)) {
            keep = fault != "hang";
        } else if (body.value("stream", Json()) == true && fault != "whole-body") {
            keep = stream(connection, text, fault, entry);
        } else {
            keep = whole(connection, text, entry);
        }
        entry["end_ms"] = epochMs();
    }
    log_.write(entry);
    return keep;
}

// Not a byte comes until the model is there.
bool Model::waitForLoading(Connection& connection, const Json& body) {
    if (!shelf_.load(body)) return true;
    const auto time = Milliseconds(static_cast<std::int64_t>(options_.loadingSeconds * 1000));
    return connection.waitFor(time) == Connection::Wait::Elapsed;
}

bool Model::refuse(Connection& connection, const std::string& fault, Json& entry) {
    if (fault == "http-500") {
        connection.reply(500, kJson, errorBody(500, "the model crashed", "server_error"));
    } else if (fault == "html-502") {
        connection.reply(502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>");
    } else if (fault == "string-error") {
        connection.reply(400, kJson, R"({"error":"'messages' field is wrong"})");
    } else if (fault == "unknown-model") {
        connection.reply(404, kJson,
                         R"({"error":{"message":"model 'x' not found","type":)"
                         R"("not_found_error","param":null,"code":null}})");
    } else if (fault == "busy-429") {
        connection.reply(429, kJson, errorBody(429, "too many requests", "rate_limit"),
                         "Retry-After: 1\r\n");
    } else if (fault == "unauthorized") {
        connection.reply(401, kJson, errorBody(401, "Invalid API Key", "authentication_error"));
    } else if (fault == "hang") {
        connection.waitFor(kForever);
    } else {
        return false;
    }
    entry["outcome"] = "fault";
    return true;
}

Model::Json Model::chunk(const Json& delta, const Json& finish) const {
    return Json{{"id", "chatcmpl-sim"},
                {"object", "chat.completion.chunk"},
                {"model", options_.model},
                {"choices",
                 Json::array({Json{{"index", 0}, {"delta", delta}, {"finish_reason", finish}}})}};
}

bool Model::whole(Connection& connection, const std::string& text, Json& entry) {
    auto wait =
        connection.workFor(Milliseconds(static_cast<std::int64_t>(options_.seconds * 1000)));
    entry["outcome"] = wait == Connection::Wait::Elapsed ? "ok" : "client gone";
    Json message{{"role", "assistant"}, {"content", text}};
    Json body{{"id", "chatcmpl-sim"},
              {"object", "chat.completion"},
              {"model", options_.model},
              {"choices",
               Json::array({Json{{"index", 0}, {"message", message}, {"finish_reason", "stop"}}})}};
    return connection.reply(200, kJson, body.dump());
}

bool Model::stream(Connection& connection, const std::string& text, const std::string& fault,
                   Json& entry) {
    entry["outcome"] = fault.empty() ? "ok" : "fault";
    auto cancelled = [&entry] {
        entry["outcome"] = "cancelled";
        return false;
    };
    auto event = [&](const Json& data) {
        return connection.sendChunk("data: " + data.dump() + "\n\n");
    };
    auto delta = [&](std::string_view field, std::string_view words) {
        return event(chunk(Json{{field, words}}, nullptr));
    };
    if (!connection.beginChunked(200, kEvents) ||
        !event(chunk(Json{{"role", "assistant"}, {"content", nullptr}}, nullptr)))
        return cancelled();
    const std::string thinking = shelf_.reasoningField();
    std::string_view field = fault == "reasoning-json" ? std::string_view(thinking) : "content";
    if (fault == "reasoning" || fault == "reasoning-only") {
        if (!delta(thinking, "The user wants a picture. ") ||
            !delta(thinking, "I plan it with care."))
            return cancelled();
    }
    // Ten pieces, evenly over the time one answer takes.
    constexpr std::size_t kPieces = 10;
    std::size_t length = std::max<std::size_t>(1, (text.size() + kPieces - 1) / kPieces);
    auto pause = Milliseconds(static_cast<std::int64_t>(options_.seconds * 1000 / kPieces));
    for (std::size_t piece = 0; piece < kPieces || fault == "endless-stream"; ++piece) {
        if (connection.waitFor(pause) != Connection::Wait::Elapsed) return cancelled();
        if (piece == kPieces / 2) {
            if (fault == "broken-stream") return false;
            if (fault == "hang-mid") {
                connection.waitFor(kForever);
                return cancelled();
            }
            if (fault == "error-mid-stream") {
                connection.sendChunk("data: " + errorBody(500, "the model broke", "server_error") +
                                     "\n\n");
                connection.endChunked();
                return false;
            }
        }
        std::size_t at = (piece % kPieces) * length;
        if (at < text.size() && !delta(field, std::string_view(text).substr(at, length)))
            return cancelled();
    }
    bool cut = fault == "reasoning-only" || fault == "cut-json";
    if (!event(chunk(Json::object(), cut ? "length" : "stop"))) return cancelled();
    if (fault != "no-done" && !connection.sendChunk("data: [DONE]\n\n")) return cancelled();
    return connection.endChunked();
}

}  // namespace sim
