#include "sim-endpoint/machine.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sim-endpoint/picture.hpp"

namespace sim {

namespace {

constexpr std::size_t kPicturesKept = 512;
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kHtml =
    "<!DOCTYPE html><html><head><title>500 Internal Server Error</title></head><body>"
    "<h1>Internal Server Error</h1><p>The machine is on fire.</p></body></html>";
constexpr auto kForever = std::chrono::hours(1);

constexpr std::array kFaults{
    Fault{"refuse", "stop listening and drop the connection"},
    Fault{"close", "close the connection without an answer"},
    Fault{"hang", "take the request and never answer"},
    Fault{"hang-mid", "stop in the middle of the JSON answer"},
    Fault{"cut", "close in the middle of the JSON answer"},
    Fault{"endless-headers", "send header lines for ever"},
    Fault{"endless-body", "send a body for ever"},
    Fault{"wrong-length", "promise more bytes than come, then close"},
    Fault{"success-false", "200 with success false"},
    Fault{"http-500", "500 with a JSON error"},
    Fault{"html-500", "500 with an HTML page"},
    Fault{"text-500", "500 with plain text"},
    Fault{"busy-503", "503 with Retry-After: 1"},
    Fault{"bad-request", "400 with a JSON error object"},
    Fault{"garbage-json", "200 with a body that is no JSON"},
    Fault{"no-images", "200 with an empty list of pictures"},
    Fault{"no-filename", "200 with a picture that has no name"},
    Fault{"hostile-name", "a picture called ../../../../tmp/evil.png"},
    Fault{"absolute-name", "a picture called /etc/evil.png"},
    Fault{"empty-name", "a picture with an empty name; no other beside it"},
    Fault{"repeated-name", "every picture is called image.png"},
    Fault{"long-name", "a picture whose name has 300 characters"},
    Fault{"picture-404", "the picture is not there"},
    Fault{"picture-empty", "the picture has no bytes"},
    Fault{"truncated", "the picture ends half way, with a fitting length"},
    Fault{"cut-picture", "the connection closes in the middle of the picture"},
    Fault{"html-as-png", "an HTML page that is called a PNG"},
    Fault{"endless-picture", "a picture without an end"},
    Fault{"hang-picture", "stop in the middle of the picture"},
};

bool inPicture(const std::string& fault) {
    static constexpr std::array<std::string_view, 7> kNames{
        "picture-404", "picture-empty",   "truncated",   "cut-picture",
        "html-as-png", "endless-picture", "hang-picture"};
    return std::ranges::find(kNames, fault) != kNames.end();
}

// The name a picture gets under a fault that only changes names; empty when it is another fault.
std::optional<std::string> nameFor(const std::string& fault) {
    if (fault == "hostile-name") return "../../../../tmp/evil.png";
    if (fault == "absolute-name") return "/etc/evil.png";
    if (fault == "empty-name") return "";
    if (fault == "repeated-name") return "image.png";
    if (fault == "long-name") return std::string(296, 'n') + ".png";
    return std::nullopt;
}

std::string percentDecoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto hex = [](char c) {
            return c >= '0' && c <= '9'   ? c - '0'
                   : c >= 'a' && c <= 'f' ? c - 'a' + 10
                   : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                          : -1;
        };
        if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 &&
            hex(text[i + 2]) >= 0) {
            out.push_back(static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2])));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

}  // namespace

std::string machineFaults() {
    return faultsText(kFaults);
}

bool areMachineFaults(const std::string& names) {
    return areFaults(kFaults, names);
}

Machine::Machine(const MachineOptions& options)
    : options_(options),
      faults_(options.fault, options.faultAfter, options.faultCount),
      log_(options.logFile) {}

bool Machine::answer(Connection& connection, const Request& request) {
    if (request.method == "GET" && request.target == "/")
        return connection.reply(200, kJson, R"({"status":"online","name":"sim-endpoint"})");
    if (request.method == "GET" && request.target.starts_with("/images/"))
        return sendPicture(connection, percentDecoded(request.target.substr(8)));
    if (request.method == "POST" && request.target == "/generate")
        return generate(connection, request);
    return connection.reply(404, kJson, R"({"error":"not found"})");
}

std::string Machine::nextFault() {
    if (std::string fault = faults_.next(); !fault.empty()) return fault;
    std::lock_guard lock(mutex_);
    if (std::uniform_real_distribution<double>(0, 1)(random_) < options_.failRate)
        return "http-500";
    return {};
}

bool Machine::generate(Connection& connection, const Request& request) {
    Json entry{{"received_ms", request.receivedMs}};
    entry["correlation_id"] = request.header("x-correlation-id");
    Json body = Json::parse(request.body, nullptr, false);
    if (!body.is_object() || !body.contains("prompt")) {
        entry["outcome"] = "bad request";
        log_.write(entry);
        return connection.reply(400, kJson, R"({"error":"prompt is missing"})");
    }
    std::int64_t seed;
    if (body.contains("seed") && body["seed"].is_number_integer()) {
        seed = body["seed"];
    } else {
        std::lock_guard lock(mutex_);
        seed = static_cast<std::int64_t>(random_() >> 11);
    }
    entry["prompt"] = body["prompt"];
    entry["seed"] = seed;
    entry["steps"] = body.value("steps", Json());
    entry["has_input_image"] = body.contains("input_image");

    std::string fault = nextFault();
    entry["fault"] = fault;
    auto forgedName = nameFor(fault);
    if (!fault.empty() && !forgedName && !inPicture(fault)) {
        bool keep = faultyGenerate(connection, fault, entry);
        entry["end_ms"] = epochMs();
        log_.write(entry);
        return keep;
    }

    auto outcome = draw(connection, entry);
    if (outcome == Connection::Wait::Stopping) return false;
    std::string name = store(body, seed, forgedName.value_or(inPicture(fault) ? fault : ""));
    entry["end_ms"] = epochMs();
    entry["filename"] = name;
    entry["outcome"] = outcome == Connection::Wait::PeerClosed ? "client gone" : "ok";
    log_.write(entry);
    return connection.reply(200, kJson, answerOf(name, seed).dump());
}

Machine::Json Machine::answerOf(const std::string& name, std::int64_t seed) const {
    Json image{{"filename", name},
               {"seed", seed},
               {"generation_seconds", options_.seconds},
               {"model", "simulated"}};
    return Json{{"success", true}, {"images", Json::array({image})}};
}

Connection::Wait Machine::draw(Connection& connection, Json& entry) {
    std::unique_lock gpu(gpu_, std::defer_lock);
    if (!options_.parallel) gpu.lock();
    double seconds = options_.seconds;
    {
        std::lock_guard lock(mutex_);
        std::uniform_real_distribution<double> spread(-options_.jitter, options_.jitter);
        seconds *= std::max(0.0, 1 + spread(random_));
    }
    entry["start_ms"] = epochMs();
    return connection.workFor(Milliseconds(static_cast<std::int64_t>(seconds * 1000)));
}

std::string Machine::store(const Json& body, std::int64_t seed, const std::string& name) {
    std::string orientation = body.value("orientation", Json("square")).dump();
    std::uint32_t width = orientation == "\"landscape\"" ? 192 : 128;
    std::uint32_t height = orientation == "\"portrait\"" ? 192 : 128;
    std::uint64_t number;
    {
        std::lock_guard lock(mutex_);
        number = ++made_;
    }
    std::size_t mix = std::hash<std::string>{}(body.dump());
    std::string bytes =
        makePicture(width, height, mix ^ static_cast<std::uint64_t>(seed) ^ (number << 32));
    // A fault of the picture itself is remembered by the front of its name.
    std::string stored = name;
    if (name.empty() && options_.fault != "empty-name")
        stored = "sim_" + std::to_string(number) + ".png";
    if (inPicture(name)) stored = name + "_" + std::to_string(number) + ".png";
    std::lock_guard lock(mutex_);
    pictures_.emplace_back(stored, std::move(bytes));
    if (pictures_.size() > kPicturesKept) pictures_.pop_front();
    return stored;
}

std::optional<std::string> Machine::picture(const std::string& name) {
    std::lock_guard lock(mutex_);
    auto found = std::ranges::find(pictures_.rbegin(), pictures_.rend(), name,
                                   [](const auto& picture) { return picture.first; });
    if (found == pictures_.rend()) return std::nullopt;
    return found->second;
}

bool Machine::sendPicture(Connection& connection, const std::string& name) {
    auto bytes = picture(name);
    if (!bytes || name.starts_with("picture-404"))
        return connection.reply(404, kJson, R"({"error":"no such picture"})");
    if (name.starts_with("picture-empty")) return connection.reply(200, "image/png", "");
    if (name.starts_with("truncated"))
        return connection.reply(200, "image/png", bytes->substr(0, bytes->size() / 2));
    if (name.starts_with("html-as-png")) return connection.reply(200, "image/png", kHtml);
    if (name.starts_with("cut-picture") || name.starts_with("hang-picture")) {
        connection.send("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: " +
                        std::to_string(bytes->size()) + "\r\n\r\n" +
                        bytes->substr(0, bytes->size() / 2));
        if (name.starts_with("hang")) connection.waitFor(kForever);
        return false;
    }
    if (name.starts_with("endless-picture")) {
        connection.beginChunked(200, "image/png");
        connection.sendChunk(*bytes);
        std::string more(64 * 1024, '\0');
        while (connection.sendChunk(more)) {
        }
        return false;
    }
    return connection.reply(200, "image/png", *bytes);
}

bool Machine::faultyGenerate(Connection& connection, const std::string& fault, Json& entry) {
    entry["outcome"] = "fault";
    if (fault == "refuse") {
        connection.stopListening();
        connection.reset();
        return false;
    }
    if (fault == "close") return false;
    if (draw(connection, entry) == Connection::Wait::Stopping) return false;
    std::string good = answerOf("lost.png", 1).dump();
    std::string half = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                       std::to_string(good.size()) + "\r\n\r\n" + good.substr(0, good.size() / 2);
    if (fault == "hang") connection.waitFor(kForever);
    if (fault == "hang-mid" && connection.send(half)) connection.waitFor(kForever);
    if (fault == "cut") connection.send(half);
    if (fault == "wrong-length")
        connection.send(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n" +
            good);
    if (fault == "endless-headers") {
        connection.send("HTTP/1.1 200 OK\r\n");
        while (connection.send("X-More: and another header line that says nothing\r\n")) {
        }
    }
    if (fault == "endless-body") {
        connection.beginChunked(200, kJson);
        std::string more(64 * 1024, ' ');
        while (connection.sendChunk(more)) {
        }
    }
    if (fault == "success-false")
        return connection.reply(200, kJson, R"({"success":false,"error":"CUDA out of memory"})");
    if (fault == "http-500")
        return connection.reply(500, kJson, R"({"error":"the sampler broke"})");
    if (fault == "html-500") return connection.reply(500, "text/html", kHtml);
    if (fault == "text-500") return connection.reply(500, "text/plain", "Internal Server Error");
    if (fault == "busy-503")
        return connection.reply(503, kJson, R"({"error":"busy"})", "Retry-After: 1\r\n");
    if (fault == "bad-request")
        return connection.reply(400, kJson, R"({"error":{"message":"steps is too large"}})");
    if (fault == "garbage-json") return connection.reply(200, kJson, "{\"success\": tru");
    if (fault == "no-images")
        return connection.reply(200, kJson, R"({"success":true,"images":[]})");
    if (fault == "no-filename")
        return connection.reply(200, kJson, R"({"success":true,"images":[{"seed":1}]})");
    return false;
}

}  // namespace sim
