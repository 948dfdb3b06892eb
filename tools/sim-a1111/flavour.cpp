#include "sim-a1111/flavour.hpp"

#include <nlohmann/json.hpp>

namespace sim {

namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kJson = "application/json";

bool middleware(WebUiFlavour flavour) {
    return flavour == WebUiFlavour::A1111 || flavour == WebUiFlavour::SdNext;
}

}  // namespace

std::optional<WebUiFlavour> webUiFlavourFrom(const std::string& name) {
    if (name == "a1111") return WebUiFlavour::A1111;
    if (name == "forge") return WebUiFlavour::Forge;
    if (name == "sdnext") return WebUiFlavour::SdNext;
    if (name == "sd-server") return WebUiFlavour::SdServer;
    if (name == "draw-things") return WebUiFlavour::DrawThings;
    return std::nullopt;
}

bool tellsProgress(WebUiFlavour flavour) {
    return flavour != WebUiFlavour::SdServer && flavour != WebUiFlavour::DrawThings;
}

bool refuse(Connection& connection, WebUiFlavour flavour, int status, const std::string& detail) {
    if (middleware(flavour))
        return connection.reply(
            status, kJson,
            Json{{"error", "HTTPException"}, {"detail", detail}, {"body", ""}, {"errors", detail}}
                .dump());
    if (flavour == WebUiFlavour::Forge)
        return connection.reply(status, kJson, Json{{"detail", detail}}.dump());
    return connection.reply(status, kJson, Json{{"error", detail}}.dump());
}

bool raise(Connection& connection, WebUiFlavour flavour, const std::string& kind,
           const std::string& text) {
    if (middleware(flavour))
        return connection.reply(
            500, kJson,
            Json{{"error", kind}, {"detail", ""}, {"body", ""}, {"errors", text}}.dump());
    if (flavour == WebUiFlavour::Forge)
        return connection.reply(500, "text/plain; charset=utf-8", "Internal Server Error");
    return connection.reply(500, kJson, Json{{"error", "server_error"}, {"message", text}}.dump());
}

}  // namespace sim
