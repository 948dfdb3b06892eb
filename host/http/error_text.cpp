#include "http/error_text.hpp"

#include "support/text.hpp"

namespace host::http {

namespace {

Json contractError(const Error& error, const std::string& correlationId) {
    Json body;
    body["success"] = false;
    body["error"]["code"] = codeName(error.code);
    body["error"]["message"] = error.message;
    body["error"]["details"] = error.details.is_null() ? Json::object() : error.details;
    body["correlation_id"] = correlationId;
    return body;
}

// {"error": {"message", "type", "param", "code"}}: what OpenAI's clients read.
Json openAiError(const Error& error, int status) {
    Json shown = {{"message", error.message}, {"type", "invalid_request_error"}};
    if (status == 429) shown["type"] = "rate_limit_error";
    if (status >= 500) shown["type"] = "server_error";
    shown["param"] = nullptr;
    shown["code"] = status == 401 ? "invalid_api_key" : toLower(codeName(error.code));
    if (!error.details.is_object()) return {{"error", shown}};
    if (const auto code = error.details.find("code");
        code != error.details.end() && code->is_string()) {
        shown["code"] = *code;
    }
    const auto faults = error.details.find("errors");
    if (faults != error.details.end() && faults->is_array() && !faults->empty()) {
        shown["param"] = faults->front().value("field", Json());
    }
    return {{"error", shown}};
}

// Faulty fields as {"detail": [{"loc", "msg", "type"}]}, anything else with its text wherever one
// of the clients looks for it.
Json a1111Error(const Error& error, int status) {
    const auto faults = error.details.find("errors");
    if (status == 422 && faults != error.details.end() && faults->is_array()) {
        Json detail = Json::array();
        for (const Json& fault : *faults) {
            const std::string field = fault.value("field", "");
            Json loc = Json::array({"body"});
            if (field != "body") loc.push_back(field);
            detail.push_back({{"loc", std::move(loc)},
                              {"msg", fault.value("message", "")},
                              {"type", "value_error"}});
        }
        return {{"detail", std::move(detail)}};
    }
    if (status == 404 || status == 405) return {{"detail", error.message}};
    return {{"error", status >= 500 ? "RuntimeError" : "HTTPException"},
            {"detail", error.message},
            {"body", ""},
            {"errors", error.message}};
}

Json errorJson(const Error& error, int status, const std::string& correlationId,
               std::string_view path) {
    if (path.starts_with("/v1/")) return openAiError(error, status);
    if (path.starts_with("/sdapi/") || path.starts_with("/internal/"))
        return a1111Error(error, status);
    return contractError(error, correlationId);
}

}  // namespace

std::string errorText(const Error& error, int status, const std::string& correlationId,
                      std::string_view path) {
    const Json body = errorJson(error, status, correlationId, path);
    return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace host::http
