#include "endpoint/protocol.hpp"

#include <charconv>
#include <cmath>

#include "common/upstream.hpp"

namespace endpoint {

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;

constexpr double kMaxExactInteger = 9007199254740992.0;  // 2^53

std::optional<std::int64_t> seedOf(const Json& entry) {
    auto seed = entry.find("seed");
    if (seed == entry.end()) return std::nullopt;
    if (seed->is_number_unsigned()) {
        auto value = seed->get<std::uint64_t>();
        if (value > INT64_MAX) return std::nullopt;
        return static_cast<std::int64_t>(value);
    }
    if (seed->is_number_integer()) return seed->get<std::int64_t>();
    if (seed->is_number_float()) {
        auto value = seed->get<double>();
        if (std::abs(value) > kMaxExactInteger || value != std::floor(value)) return std::nullopt;
        return static_cast<std::int64_t>(value);
    }
    if (seed->is_string()) {
        const auto& text = seed->get_ref<const std::string&>();
        std::int64_t value = 0;
        auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc() && end == text.data() + text.size()) return value;
    }
    return std::nullopt;
}

}  // namespace

std::string baseUrl(std::string_view settings) {
    auto json = upstream::parseJson(settings.empty() ? "{}" : settings);
    if (!json || !json->is_object())
        throw Error(Status::kInvalidArgument, "the settings are not a JSON object");
    auto ip = json->find("ip");
    if (ip == json->end() || !ip->is_string() || ip->get_ref<const std::string&>().empty())
        throw Error(Status::kInvalidArgument, "expected the machine's name or address", "/ip");
    std::string host = ip->get<std::string>();
    if (host.find_first_of("/@?#\\ \t\r\n") != host.npos)
        throw Error(Status::kInvalidArgument,
                    "expected a bare name or address, without http:// or a path", "/ip");
    auto port = json->find("port");
    if (port == json->end() || !port->is_number_integer() || *port < 1 || *port > 65535)
        throw Error(Status::kInvalidArgument, "expected a port number from 1 to 65535", "/port");
    bool ipv6 = host.find(':') != host.npos;
    if (ipv6 && !host.starts_with('[')) host = "[" + host + "]";
    return "http://" + host + ":" + std::to_string(port->get<int>());
}

std::string requestBody(const ipl::ImageRequest& request) {
    Json body{
        {"prompt", request.prompt},
        {"orientation", request.orientation},
        {"size", request.sizeClass},
        {"steps", request.steps},
        {"batch", 1},
    };
    if (request.seed) body["seed"] = *request.seed;
    if (request.guidanceScale) body["guidance_scale"] = *request.guidanceScale;
    if (request.image) {
        body["input_image"] = upstream::dataUrl(*request.image);
        if (request.strength) body["strength"] = *request.strength;
    }
    return upstream::dump(body);
}

std::vector<RemotePicture> parseAnswer(std::string_view body) {
    auto answer = upstream::parseJson(body);
    if (!answer || !answer->is_object())
        throw Error(Status::kBadOutput,
                    "the endpoint's answer is not a JSON object: " + upstream::excerpt(body));
    // Without pictures a missing `success` would say nothing; with them it is not needed.
    bool refused = answer->contains("success") && (*answer)["success"] == false;
    if (refused) {
        std::string text = upstream::errorText(answer->value("error", Json()));
        throw Error(Status::kUpstream,
                    "the endpoint reported a failure: " +
                        (text.empty() ? "no reason given" : upstream::excerpt(text)));
    }
    auto images = answer->find("images");
    if (images == answer->end() || !images->is_array() || images->empty()) {
        std::string text = upstream::errorText(answer->value("error", Json()));
        if (!text.empty())
            throw Error(Status::kUpstream,
                        "the endpoint reported a failure: " + upstream::excerpt(text));
        throw Error(Status::kBadOutput, "the endpoint's answer lists no pictures");
    }
    std::vector<RemotePicture> pictures;
    for (const auto& entry : *images) {
        if (pictures.size() == kMaxPictures) break;
        if (!entry.is_object() || !entry.contains("filename") || !entry["filename"].is_string())
            throw Error(Status::kBadOutput, "the endpoint's answer names no file for a picture");
        pictures.push_back(
            {entry["filename"].get<std::string>(), seedOf(entry), upstream::dump(entry)});
    }
    return pictures;
}

}  // namespace endpoint
