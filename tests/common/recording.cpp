#include "common/recording.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "common/temp_dir.hpp"

namespace test {

namespace {

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

}  // namespace

std::string Recording::body() const {
    std::string out;
    for (const auto& piece : pieces)
        out += piece;
    return out;
}

std::string Recording::answer(const std::string& body) const {
    return head + lengthName + ": " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Recording readRecording(const std::string& dataFolder, const std::string& name) {
    std::string text = readFile(dataFolder + "/" + name + ".json");
    auto response = nlohmann::ordered_json::parse(text).at("response");
    Recording recording;
    auto statusLine = response.at("status_line").get<std::string>();
    recording.status = std::stoi(statusLine.substr(statusLine.find(' ') + 1));
    recording.head = statusLine + "\r\n";
    for (const auto& header : response.at("headers")) {
        const std::string written = header.at(0);
        const std::string key = lower(written);
        const std::string value = header.at(1);
        if (key == "content-length") recording.lengthName = written;
        if (key == "transfer-encoding") recording.chunked = value == "chunked";
        if (key == "content-length" || key == "transfer-encoding") continue;
        if (key == "content-type") recording.contentType = value;
        if (key == "connection") recording.closes = lower(value) == "close";
        recording.head.append(written).append(": ").append(value).append("\r\n");
    }
    if (response.contains("chunks")) {
        for (const auto& chunk : response["chunks"])
            recording.pieces.push_back(chunk.at("text"));
    } else {
        const auto& body = response.at("body");
        recording.pieces.push_back(body.is_string() ? body.get<std::string>() : body.dump());
    }
    return recording;
}

}  // namespace test
