#include "comfyui/errors.hpp"

#include <algorithm>

namespace comfyui {

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;

constexpr std::size_t kMaxFaults = 8;  // told of one answer

std::string textOf(const Json& object, const char* key) {
    if (!object.is_object()) return {};
    auto value = object.find(key);
    return value != object.end() && value->is_string() ? value->get<std::string>() : "";
}

std::string inputOf(const Json& error) {
    auto extra = error.is_object() ? error.find("extra_info") : error.end();
    return error.is_object() && extra != error.end() ? textOf(*extra, "input_name") : "";
}

// The first fault, for programs.
Json detailsOf(const Json& nodeErrors) {
    for (const auto& [node, entry] : nodeErrors.items()) {
        Json details{{"node", node}, {"class_type", textOf(entry, "class_type")}};
        auto errors = entry.is_object() ? entry.find("errors") : entry.end();
        if (entry.is_object() && errors != entry.end() && errors->is_array() && !errors->empty()) {
            details["input"] = inputOf((*errors)[0]);
            details["type"] = textOf((*errors)[0], "type");
        }
        return details;
    }
    return Json::object();
}

bool isPath(std::string_view token) {
    const auto slashes = std::ranges::count_if(token, [](char c) { return c == '/' || c == '\\'; });
    const bool drive = token.size() > 2 && token[1] == ':' && (token[2] == '\\' || token[2] == '/');
    return drive || slashes >= 2 || (slashes == 1 && (token[0] == '/' || token[0] == '~'));
}

}  // namespace

std::string withoutPaths(std::string_view text) {
    constexpr std::string_view kEnds = " \t\r\n\"'`,;()[]{}<>=";
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(kEnds), text.size());
        std::string_view token = text.substr(0, end);
        text.remove_prefix(end);
        const bool address = token.find("://") != token.npos && !token.starts_with("file:");
        if (!token.empty() && !address && isPath(token)) {
            while (token.size() > 1 && (token.back() == '/' || token.back() == '\\'))
                token.remove_suffix(1);
            token.remove_prefix(token.find_last_of("/\\") + 1);
        }
        out.append(token);
        if (!text.empty()) {
            out.push_back(text[0]);
            text.remove_prefix(1);
        }
    }
    return out;
}

std::string nodeFaults(const Json& nodeErrors) {
    std::string out;
    std::size_t told = 0;
    if (!nodeErrors.is_object()) return out;
    for (const auto& [node, entry] : nodeErrors.items()) {
        if (!entry.is_object() || !entry.contains("errors") || !entry["errors"].is_array())
            continue;
        for (const auto& error : entry["errors"]) {
            if (told++ == kMaxFaults) return out + "; and more";
            if (!out.empty()) out += "; ";
            out += "node " + node;
            if (auto name = textOf(entry, "class_type"); !name.empty()) out += " (" + name + ")";
            if (auto input = inputOf(error); !input.empty()) out += ", input " + input;
            out += ": " + textOf(error, "message");
            if (auto details = textOf(error, "details"); !details.empty())
                out += " (" + withoutPaths(details) + ")";
        }
    }
    return upstream::excerpt(out, 1000);
}

Error errorOf(std::string_view doing, int status, std::string_view body) {
    std::string who = "ComfyUI, " + std::string(doing) + ",";
    auto json = upstream::parseJson(body);
    if (!json || !json->is_object() || !json->contains("error")) {
        if (status == 403 && body.empty())
            return Error(Status::kUpstream,
                         who +
                             " answered 403 without a word: it takes the request for one of "
                             "another site's page; look at a proxy before it");
        auto plain = upstream::errorOf(who, status, withoutPaths(body), {});
        if (!body.empty()) return plain;
        return Error(plain.status(), plain.message() + " without a word");
    }
    const Json& error = (*json)["error"];
    const Json nodes = json->value("node_errors", Json::object());
    std::string faults = nodeFaults(nodes);
    if (faults.empty()) {
        faults = upstream::errorText(error);
        if (auto details = textOf(error, "details"); !details.empty() && details != faults)
            faults += " (" + details + ")";
        faults = upstream::excerpt(withoutPaths(faults));
    }
    if (status != 400)
        return Error(Status::kUpstream,
                     who + " answered " + std::to_string(status) + ": " + faults);
    return Error(Status::kUnsupported, "ComfyUI refuses the workflow: " + faults, {},
                 nodes.is_object() && !nodes.empty() ? upstream::dump(detailsOf(nodes)) : "");
}

}  // namespace comfyui
