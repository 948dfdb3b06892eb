#include "sim-a1111/web_ui.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "common/base64.hpp"
#include "sim-endpoint/picture.hpp"

namespace sim {

namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kJson = "application/json";
constexpr Milliseconds kForever{3600 * 1000};
constexpr std::array kSamplers{"DPM++ 2M", "Euler", "Euler a"};
constexpr std::array kSchedulers{"Automatic", "Karras", "Exponential"};
constexpr std::array kModels{"alpha.safetensors [0123456789]", "beta.safetensors"};

constexpr std::array kFaults{
    Fault{"fail", "an exception in the middle, said as the flavour says it"},
    Fault{"out-of-memory", "the same, of the GPU's memory"},
    Fault{"no-picture", "200 without a picture, as with no project open"},
    Fault{"not-a-picture", "200 with a text in a picture's place"},
    Fault{"interrupted", "somebody at its page interrupts it half-way: 200 all the same"},
    Fault{"hang", "draws for ever"},
    Fault{"close", "ends the connection without an answer, and draws on"},
    Fault{"html-500", "500 with a page"},
    Fault{"no-api", "404 for everything, as without --api; all the time, no other beside it"},
};

int numberAt(const Json& body, const char* name, int fallback, int most) {
    const auto found = body.find(name);
    if (found == body.end() || !found->is_number()) return fallback;
    return static_cast<int>(std::clamp(found->get<double>(), 1.0, static_cast<double>(most)));
}

std::string textAt(const Json& body, const char* name) {
    const auto found = body.find(name);
    return found != body.end() && found->is_string() ? found->get<std::string>() : "";
}

// Without the pictures, for the log.
Json summary(const Json& body) {
    Json out = body;
    for (const char* const name : {"init_images", "mask"}) {
        if (out.contains(name)) out[name] = out[name].dump().size();
    }
    return out;
}

int upTo64(int side) {
    return (side + 63) / 64 * 64;
}

}  // namespace

std::string webUiFaults() {
    return faultsText(kFaults);
}

bool areWebUiFaults(const std::string& name) {
    return areFaults(kFaults, name);
}

WebUi::WebUi(const WebUiOptions& options)
    : options_(options),
      log_(options.logFile),
      faults_(options.fault, options.faultAfter, options.faultCount),
      easel_(options.seconds, options.jitter, options.occupied) {}

bool WebUi::answer(Connection& connection, const Request& request) {
    const std::string path = request.target.substr(0, request.target.find('?'));
    const bool post = request.method == "POST";
    Json entry{{"method", request.method}, {"target", path}, {"at_ms", epochMs()}};
    if (post) {
        const Json body = Json::parse(request.body, nullptr, false);
        if (body.is_object()) entry["body"] = summary(body);
    }
    log_.write(entry);
    if (options_.fault == "no-api")
        return connection.reply(404, kJson, R"({"detail":"Not Found"})");
    if (!options_.auth.empty() && path.starts_with("/sdapi/") &&
        request.header("authorization") != "Basic " + upstream::base64(options_.auth))
        return connection.reply(401, kJson, R"({"detail":"Incorrect username or password"})",
                                "WWW-Authenticate: Basic\r\n");
    if (post && (path == "/sdapi/v1/txt2img" || path == "/sdapi/v1/img2img"))
        return generate(connection, request, path == "/sdapi/v1/img2img");
    if (tellsProgress(options_.flavour) &&
        (path == "/sdapi/v1/progress" || path == "/sdapi/v1/interrupt" ||
         path == "/internal/progress"))
        return following(connection, request, path);
    if (!post) return lists(connection, path);
    return connection.reply(404, kJson, R"({"detail":"Not Found"})");
}

bool WebUi::lists(Connection& connection, const std::string& path) {
    const bool app = options_.flavour == WebUiFlavour::DrawThings;
    if (app && path == "/")
        return connection.reply(
            200, kJson, R"({"model":"alpha_q8p.ckpt","sampler":"Euler A Trailing","steps":8})");
    Json list = Json::array();
    if (!app && path == "/sdapi/v1/samplers") {
        for (const char* const name : kSamplers)
            list.push_back(
                {{"name", name}, {"aliases", Json::array()}, {"options", Json::object()}});
    } else if (!app && path == "/sdapi/v1/schedulers" && options_.flavour != WebUiFlavour::SdNext) {
        for (const char* const label : kSchedulers)
            list.push_back({{"name", label}, {"label", label}, {"aliases", nullptr}});
    } else if (!app && path == "/sdapi/v1/sd-models") {
        for (const char* const title : kModels)
            list.push_back({{"title", title}, {"model_name", title}, {"hash", nullptr}});
    } else if (path == "/internal/ping" && tellsProgress(options_.flavour)) {
        list = Json::object();
    } else if (options_.flavour == WebUiFlavour::SdServer) {
        return connection.reply(404, "text/plain", "");
    } else {
        return connection.reply(404, kJson, R"({"detail":"Not Found"})");
    }
    return connection.reply(200, kJson, list.dump());
}

bool WebUi::following(Connection& connection, const Request& request, const std::string& path) {
    if (path == "/sdapi/v1/interrupt") {
        easel_.interrupt();
        return connection.reply(200, kJson, "{}");
    }
    const auto preview = [this](bool wanted) {
        return wanted ? upstream::base64(makePicture(64, 64, drawn_)) : std::string();
    };
    if (path == "/sdapi/v1/progress")
        return connection.reply(
            200, kJson,
            easel_
                .progress(
                    preview(request.target.find("skip_current_image=true") == request.target.npos))
                .dump());
    // It tells of its page's tasks alone: none of a client's is ever known.
    if (options_.flavour == WebUiFlavour::SdNext)
        return connection.reply(200, kJson, Easel::untoldTask().dump());
    const Json body = Json::parse(request.body, nullptr, false);
    if (!body.is_object()) return connection.reply(422, kJson, R"({"detail":[]})");
    const auto live = body.find("live_preview");
    const bool wanted = live == body.end() || !live->is_boolean() || live->get<bool>();
    return connection.reply(200, kJson,
                            easel_.taskProgress(textAt(body, "id_task"), preview(wanted)).dump());
}

bool WebUi::wrong(Connection& connection, const Json& body, bool fromPicture,
                  bool& answered) const {
    answered = true;
    const WebUiFlavour flavour = options_.flavour;
    if (!body.is_object()) {
        if (!tellsProgress(flavour)) return raise(connection, flavour, "", "parse error");
        return connection.reply(
            422, kJson,
            R"({"detail":[{"loc":["body",1],"msg":"Expecting value","type":"value_error.jsondecode"}]})");
    }
    if (tellsProgress(flavour)) {
        const std::string sampler = textAt(body, "sampler_name");
        if (!sampler.empty() && std::ranges::find(kSamplers, sampler) == kSamplers.end())
            return refuse(connection, flavour, 400, "Sampler not found");
        const auto settings = body.find("override_settings");
        const std::string model = settings != body.end() && settings->is_object()
                                      ? textAt(*settings, "sd_model_checkpoint")
                                      : "";
        if (!model.empty() && std::ranges::find(kModels, model) == kModels.end())
            return raise(connection, flavour, "RuntimeError", "model '" + model + "' not found");
        const auto images = body.find("init_images");
        if (fromPicture && (images == body.end() || !images->is_array() || images->empty()))
            return refuse(connection, flavour, 404, "Init image not found");
        if (fromPicture &&
            (!(*images)[0].is_string() || !upstream::fromBase64((*images)[0].get<std::string>())))
            return refuse(connection, flavour, 500, "Invalid encoded image");
    }
    answered = false;
    return true;
}

void WebUi::logDrawing(const Json& body, const char* outcome) {
    log_.write(
        {{"outcome", outcome}, {"at_ms", epochMs()}, {"task", textAt(body, "force_task_id")}});
}

bool WebUi::generate(Connection& connection, const Request& request, bool fromPicture) {
    const Json body = Json::parse(request.body, nullptr, false);
    bool answered = false;
    const bool keep = wrong(connection, body, fromPicture, answered);
    if (answered) return keep;
    const std::string fault = faults_.next();
    if (fault == "hang") return connection.waitFor(kForever) == Connection::Wait::Elapsed;
    if (fault == "close") connection.reset();
    const int steps = numberAt(body, "steps", 20, 1000);
    const Easel::Drawing drawing = easel_.draw(connection, textAt(body, "force_task_id"), steps,
                                               fault == "interrupted" ? std::max(1, steps / 2) : 0);
    if (drawing.end == Easel::End::Stopping) return false;
    const char* const outcome = drawing.end == Easel::End::Done ? "ok" : "interrupted";
    if (!fault.empty() && fault != "interrupted") {
        logDrawing(body, outcome);
        return faulty(connection, fault);
    }
    const std::string answer = result(body, drawing.timestamp).dump();
    logDrawing(body, outcome);
    return connection.reply(200, kJson, answer);
}

bool WebUi::faulty(Connection& connection, const std::string& fault) {
    if (fault == "close") return false;
    if (fault == "no-picture") return connection.reply(200, kJson, R"({"images":[]})");
    if (fault == "not-a-picture")
        return connection.reply(
            200, kJson, Json{{"images", {upstream::base64("<html>no picture</html>")}}}.dump());
    if (fault == "html-500")
        return connection.reply(500, "text/html", "<html><h1>Bad Gateway</h1></html>");
    if (fault == "out-of-memory")
        return raise(connection, options_.flavour, "OutOfMemoryError",
                     "CUDA out of memory. Tried to allocate 2.00 GiB");
    return raise(connection, options_.flavour, "RuntimeError", "the sampler broke");
}

WebUi::Json WebUi::result(const Json& body, const std::string& timestamp) {
    int width = numberAt(body, "width", 512, 2048);
    int height = numberAt(body, "height", 512, 2048);
    const std::string prompt = textAt(body, "prompt");
    const auto given = body.find("seed");
    auto seed = given != body.end() && given->is_number() ? given->get<std::int64_t>() : -1;
    if (seed < 0) seed = static_cast<std::int64_t>(drawn_ + 1);
    // stable-diffusion.cpp's server keeps 32 bits of it.
    if (options_.flavour == WebUiFlavour::SdServer) seed &= 0xFFFFFFFF;
    if (!tellsProgress(options_.flavour)) {
        width = upTo64(width);
        height = upTo64(height);
    }
    const std::uint64_t number = ++drawn_;
    const std::string png = makePicture(
        static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height),
        std::hash<std::string>{}(prompt) ^ static_cast<std::uint64_t>(seed) ^ number << 40U);
    Json out{{"images", Json::array({upstream::base64(png)})}};
    if (options_.flavour == WebUiFlavour::DrawThings) return out;
    const Json info{{"prompt", prompt},
                    {"seed", seed},
                    {"all_seeds", {seed}},
                    {"width", body.value("width", Json(512))},
                    {"height", body.value("height", Json(512))},
                    {"sampler_name", body.value("sampler_name", Json("Euler"))},
                    {"steps", body.value("steps", Json(20))},
                    {"sd_model_name", "alpha"},
                    {"index_of_first_image", 0},
                    {"job_timestamp", timestamp}};
    out["parameters"] = summary(body);
    out["info"] = info.dump();
    return out;
}

}  // namespace sim
