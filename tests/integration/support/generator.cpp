#include "integration/support/generator.hpp"

#include <gtest/gtest.h>

#include <Poco/Base64Encoder.h>
#include <Poco/Checksum.h>

#include <algorithm>
#include <sstream>

namespace test {

namespace fs = std::filesystem;

namespace {

std::string bigEndian(std::uint32_t number) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>(number >> shift & 0xFF);
    return bytes;
}

std::string chunk(const std::string& type, const std::string& data) {
    Poco::Checksum sum(Poco::Checksum::TYPE_CRC32);
    sum.update(type + data);
    return bigEndian(static_cast<std::uint32_t>(data.size())) + type + data +
           bigEndian(sum.checksum());
}

}  // namespace

std::string submit(const HttpClient& client, const host::Json& request, const Headers& headers) {
    const HttpAnswer answer = client.post("/api/v1/generate", request, headers);
    if (answer.status != 200) return "";
    return answer.json().value("job_id", "");
}

host::Json statusOf(const HttpClient& client, const std::string& jobId) {
    return client.get("/api/v1/status/" + jobId).json();
}

bool isOver(const host::Json& status) {
    const std::string word = status.is_object() ? status.value("status", "") : "";
    return word == "completed" || word == "failed" || word == "cancelled";
}

host::Json waitForEnd(const HttpClient& client, const std::string& jobId,
                      std::chrono::milliseconds timeout) {
    host::Json status;
    const bool over = eventually(
        [&] {
            status = statusOf(client, jobId);
            return isOver(status);
        },
        timeout);
    EXPECT_TRUE(over) << "job " << jobId << " is not over: " << status.dump(2);
    return status;
}

host::Json run(const HttpClient& client, const host::Json& request,
               std::chrono::milliseconds timeout) {
    const HttpAnswer answer = client.post("/api/v1/generate", request);
    EXPECT_EQ(answer.status, 200) << answer.body;
    if (answer.status != 200) return host::Json::object();
    return waitForEnd(client, answer.json().value("job_id", ""), timeout);
}

std::vector<host::Json> imagesOf(const host::Json& status) {
    std::vector<host::Json> images;
    if (!status.contains("results")) return images;
    for (const host::Json& result : status["results"]) {
        for (const host::Json& image : result["images"])
            images.push_back(image);
    }
    return images;
}

std::vector<std::string> outputFiles(const HostProcess& host) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(host.output())) {
        const std::string name = entry.path().filename().string();
        if (entry.is_regular_file() && name != "generation_log.csv") names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> partsBelow(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        const bool part = name.starts_with('.') || entry.path().parent_path().filename() == "parts";
        if (part && entry.is_regular_file()) names.push_back(entry.path().string());
    }
    return names;
}

std::vector<std::vector<std::string>> readCsv(const fs::path& file) {
    const std::string text = readFile(file);
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> row{""};
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
                row.back() += c;
                ++i;
            } else if (c == '"') {
                quoted = false;
            } else {
                row.back() += c;
            }
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            row.emplace_back();
        } else if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
            rows.push_back(std::move(row));
            row = {""};
            ++i;
        } else {
            row.back() += c;
        }
    }
    // What has no end is a cut-off row.
    if (row.size() > 1 || !row[0].empty()) rows.push_back(std::move(row));
    return rows;
}

host::Json query(const fs::path& database, const std::string& sql) {
    ChildProcess shell("sqlite3", {.arguments = {"-json", "-readonly", "-cmd", ".timeout 10000",
                                                 database.string(), sql}});
    const std::string output = shell.readRest(std::chrono::seconds(30));
    const auto code = shell.wait(std::chrono::seconds(30));
    EXPECT_EQ(code, 0) << "sqlite3: " << sql;
    if (output.empty()) return host::Json::array();
    return host::Json::parse(output, nullptr, false);
}

std::string tinyPng(std::size_t padding) {
    // One grey pixel: a stored deflate block of a filter byte and the grey value.
    const std::string pixel("\x78\x01\x01\x02\x00\xfd\xff\x00\x80\x00\x82\x00\x81", 13);
    std::string png = "\x89PNG\r\n\x1a\n";
    png += chunk("IHDR", bigEndian(1) + bigEndian(1) + std::string("\x08\x00\x00\x00\x00", 5));
    if (padding > 0) png += chunk("teSt", std::string(padding, 'x'));
    png += chunk("IDAT", pixel);
    png += chunk("IEND", "");
    return png;
}

std::string base64(std::string_view bytes) {
    std::ostringstream out;
    Poco::Base64Encoder encoder(out);
    encoder.rdbuf()->setLineLength(0);
    encoder << bytes;
    encoder.close();
    return out.str();
}

}  // namespace test
