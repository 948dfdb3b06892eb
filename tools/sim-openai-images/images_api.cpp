#include "sim-openai-images/images_api.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "common/base64.hpp"
#include "sim-endpoint/picture.hpp"

namespace sim {

namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kJson = "application/json";
constexpr std::size_t kFilesKept = 64;
constexpr int kMostPictures = 10;
constexpr Milliseconds kForever{3600 * 1000};

constexpr std::array kFaults{
    Fault{"rate-limit", "429 with Retry-After: 1"},
    Fault{"quota", "429 insufficient_quota"},
    Fault{"policy", "400 moderation_blocked"},
    Fault{"fail", "500 with an error object, after the time of a picture"},
    Fault{"html-500", "500 with a page"},
    Fault{"no-picture", "200 with an empty list"},
    Fault{"not-a-picture", "200 with a text in a picture's place"},
    Fault{"hang", "never answers"},
    Fault{"close", "ends the connection without an answer"},
    Fault{"cut", "ends a stream after its first partial image, any other answer in its middle"},
    Fault{"error-event", "ends a stream with an error"},
};

std::pair<std::uint32_t, std::uint32_t> sizeOf(const std::string& text) {
    std::uint32_t width = 1024;
    std::uint32_t height = 1024;
    if (const std::size_t cross = text.find('x'); cross != text.npos) {
        std::from_chars(text.data(), text.data() + cross, width);
        std::from_chars(text.data() + cross + 1, text.data() + text.size(), height);
    }
    return {std::clamp(width, 16U, 2048U), std::clamp(height, 16U, 2048U)};
}

}  // namespace

std::string imagesApiFaults() {
    return faultsText(kFaults);
}

bool areImagesApiFaults(const std::string& name) {
    return areFaults(kFaults, name);
}

ImagesApi::ImagesApi(const ImagesApiOptions& options)
    : options_(options),
      log_(options.logFile),
      faults_(options.fault, options.faultAfter, options.faultCount) {}

bool ImagesApi::answer(Connection& connection, const Request& request) {
    const std::string path = request.target.substr(0, request.target.find('?'));
    if (request.method == "GET" && path.starts_with("/files/"))
        return file(connection, path.substr(7));
    if (!options_.apiKey.empty() && request.header("authorization") != "Bearer " + options_.apiKey)
        return connection.reply(
            401, kJson,
            Refusal{.message = "Incorrect API key provided.", .code = "invalid_api_key"}.body());
    if (request.method == "POST" && path == "/v1/images/generations")
        return images(connection, request, false);
    if (request.method == "POST" && path == "/v1/images/edits")
        return images(connection, request, true);
    if (request.method == "GET" && path == "/v1/models") {
        Json list = Json::array();
        for (const std::string& model : options_.models)
            list.push_back({{"id", model}, {"object", "model"}, {"owned_by", "simulated"}});
        return connection.reply(200, kJson, Json{{"object", "list"}, {"data", list}}.dump());
    }
    return connection.reply(404, kJson,
                            Refusal{.status = 404, .message = "Invalid URL (" + path + ")"}.body());
}

bool ImagesApi::images(Connection& connection, const Request& request, bool edit) {
    const auto call = readImagesCall(request, edit);
    Json entry{{"target", request.target}, {"at_ms", epochMs()}};
    if (call) {
        entry["fields"] = call->fields;
        entry["pictures"] = call->pictures;
        entry["mask"] = call->mask;
    }
    log_.write(entry);
    if (!call)
        return connection.reply(
            400, kJson, Refusal{.message = "We could not parse the body of your request."}.body());
    if (const auto refusal = refusalOf(*call, options_.models))
        return connection.reply(refusal->status, kJson, refusal->body());
    const std::string fault = faults_.next();
    if (fault == "hang") return connection.waitFor(kForever) == Connection::Wait::Elapsed;
    if (fault == "close") return false;
    if (call->flag("stream") && (fault.empty() || fault == "cut" || fault == "error-event"))
        return stream(connection, *call, fault);
    const auto end = draw(connection, 1);
    if (end != Connection::Wait::Elapsed) {
        logEnd("client gone");
        return false;
    }
    if (!fault.empty()) return refused(connection, fault);
    return whole(connection, *call, request.header("host"));
}

bool ImagesApi::refused(Connection& connection, const std::string& fault) {
    if (fault == "rate-limit")
        return connection.reply(429, kJson,
                                Refusal{.message = "Rate limit reached for images per minute.",
                                        .type = "requests",
                                        .code = "rate_limit_exceeded"}
                                    .body(),
                                "Retry-After: 1\r\n");
    if (fault == "quota")
        return connection.reply(429, kJson,
                                Refusal{.message = "You exceeded your current quota.",
                                        .type = "insufficient_quota",
                                        .code = "insufficient_quota"}
                                    .body());
    if (fault == "policy")
        return connection.reply(
            400, kJson,
            Refusal{.message = "Your request was rejected by the safety system.",
                    .type = "image_generation_user_error",
                    .code = "moderation_blocked"}
                .body());
    if (fault == "html-500")
        return connection.reply(500, "text/html", "<html><h1>Bad Gateway</h1></html>");
    if (fault == "no-picture") return connection.reply(200, kJson, R"({"created":1,"data":[]})");
    if (fault == "not-a-picture")
        return connection.reply(
            200, kJson,
            Json{{"data", {{{"b64_json", upstream::base64("<html>no picture</html>")}}}}}.dump());
    if (fault == "cut") {
        connection.send(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            "Content-Length: 100000\r\n\r\n{\"data\":[{\"b64_json\":\"iVBOR");
        return false;
    }
    return connection.reply(
        500, kJson,
        Refusal{.message = "The server had an error while it drew.", .type = "server_error"}
            .body());
}

bool ImagesApi::whole(Connection& connection, const ImagesCall& call, const std::string& host) {
    Json data = Json::array();
    const bool address = options_.addresses || call.text("response_format") == "url";
    for (int i = 0; i < std::clamp(call.number("n", 1), 1, kMostPictures); ++i) {
        std::string png = picture(call);
        if (!address) {
            data.push_back({{"b64_json", upstream::base64(png)}});
            continue;
        }
        const std::lock_guard lock(mutex_);
        const std::string name = std::to_string(drawn_) + ".png";
        files_.emplace_back(name, std::move(png));
        if (files_.size() > kFilesKept) files_.pop_front();
        data.push_back({{"url", "http://" + host + "/files/" + name}});
    }
    logEnd("ok");
    return connection.reply(200, kJson, Json{{"created", epochMs() / 1000}, {"data", data}}.dump());
}

bool ImagesApi::stream(Connection& connection, const ImagesCall& call, const std::string& fault) {
    const std::string prefix = call.edit ? "image_edit" : "image_generation";
    const int partials = std::clamp(call.number("partial_images", 0), 0, 3);
    const auto send = [&](const std::string& type, Json event) {
        event["type"] = type;
        return connection.sendChunk("event: " + type + "\ndata: " + event.dump() + "\n\n");
    };
    if (!connection.beginChunked(200, "text/event-stream")) return false;
    for (int i = 0; i <= partials; ++i) {
        if (draw(connection, 1.0 / (partials + 1)) != Connection::Wait::Elapsed) {
            logEnd("client gone");
            return false;
        }
        if (i == partials) break;
        send(prefix + ".partial_image",
             {{"partial_image_index", i}, {"b64_json", upstream::base64(makePicture(64, 64, 7))}});
        if (fault == "cut") return false;
    }
    if (fault == "error-event") {
        send("error",
             {{"error", {{"type", "server_error"}, {"message", "The server broke off."}}}});
    } else {
        send(prefix + ".completed", {{"b64_json", upstream::base64(picture(call))},
                                     {"size", call.text("size")},
                                     {"usage", {{"total_tokens", 100}}}});
        logEnd("ok");
    }
    return connection.endChunked();
}

bool ImagesApi::file(Connection& connection, const std::string& name) {
    std::string bytes;
    {
        const std::lock_guard lock(mutex_);
        const auto found =
            std::ranges::find(files_, name, [](const auto& each) { return each.first; });
        if (found != files_.end()) bytes = found->second;
    }
    if (bytes.empty()) return connection.reply(404, "text/plain", "gone");
    return connection.reply(200, "image/png", bytes);
}

Connection::Wait ImagesApi::draw(Connection& connection, double part) {
    double seconds = options_.seconds * part;
    {
        const std::lock_guard lock(mutex_);
        std::uniform_real_distribution<double> spread(-options_.jitter, options_.jitter);
        seconds *= std::max(0.0, 1 + spread(random_));
    }
    return connection.waitFor(Milliseconds(static_cast<std::int64_t>(seconds * 1000)));
}

std::string ImagesApi::picture(const ImagesCall& call) {
    std::uint64_t number = 0;
    {
        const std::lock_guard lock(mutex_);
        number = ++drawn_;
    }
    const auto [width, height] = sizeOf(call.text("size"));
    return makePicture(width, height,
                       std::hash<std::string>{}(call.text("prompt")) ^ number << 40U);
}

void ImagesApi::logEnd(const char* outcome) {
    log_.write({{"outcome", outcome}, {"at_ms", epochMs()}});
}

}  // namespace sim
