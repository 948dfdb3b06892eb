// One recorded exchange from tests/data, as what a server has to send to play it again.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace test {

struct Recording {
    int status = 0;
    std::string contentType;
    bool chunked = false;
    bool closes = false;  // "Connection: close"
    // The status line and the header lines as they came, but for length and framing.
    std::string head;
    std::string lengthName = "Content-Length";  // as that server writes it
    std::vector<std::string> pieces;            // of the body, as they came

    std::string body() const;
    // The whole answer with a length, byte for byte what a server sends; with another body where a
    // test needs one.
    std::string answer() const { return answer(body()); }
    std::string answer(const std::string& body) const;
};

// By its path below tests/data without ".json", such as "llama-server/chat_stream". Throws when it
// cannot be read.
Recording readRecording(const std::string& dataFolder, const std::string& name);

}  // namespace test
