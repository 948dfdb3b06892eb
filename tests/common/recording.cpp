#include "common/recording.hpp"

#include <stdexcept>

#include "common/temp_dir.hpp"

namespace test {

std::string Recording::body() const {
    std::string out;
    for (const auto& piece : pieces)
        out += piece;
    return out;
}

Recording readRecording(const std::string& dataFolder, const std::string& name) {
    std::string text = readFile(dataFolder + "/" + name + ".json");
    auto response = nlohmann::ordered_json::parse(text).at("response");
    Recording recording;
    auto statusLine = response.at("status_line").get<std::string>();
    recording.status = std::stoi(statusLine.substr(statusLine.find(' ') + 1));
    for (const auto& header : response.at("headers")) {
        if (header.at(0) == "Content-Type") recording.contentType = header.at(1);
        if (header.at(0) == "Transfer-Encoding") recording.chunked = header.at(1) == "chunked";
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
