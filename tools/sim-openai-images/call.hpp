// What a request to the images API asks for, out of JSON or a form, and whether OpenAI would take
// it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim-common/server.hpp"

namespace sim {

struct ImagesCall {
    nlohmann::ordered_json fields = nlohmann::ordered_json::object();  // a form's are texts
    int pictures = 0;                                                  // parts image and image[]
    bool mask = false;
    bool edit = false;

    std::string text(const char* name) const;
    int number(const char* name, int fallback) const;
    bool flag(const char* name) const;
};

// What an answer with an `error` object says.
struct Refusal {
    int status = 400;
    std::string message;
    std::string type = "invalid_request_error";
    std::string code;
    std::string param;

    std::string body() const;
};

// Nothing when it is neither JSON nor a form.
std::optional<ImagesCall> readImagesCall(const Request& request, bool edit);
// Fields and sizes as OpenAI's models have them; a model of another name takes everything.
std::optional<Refusal> refusalOf(const ImagesCall& call, const std::vector<std::string>& models);

}  // namespace sim
