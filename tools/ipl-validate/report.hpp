// What a check found out, and the exceptions that end a check early.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace validate {

using Json = nlohmann::ordered_json;

enum class Outcome { kPass, kWarn, kFail, kCrash, kTimeout, kSkip };

inline const char* nameOf(Outcome outcome) {
    switch (outcome) {
        case Outcome::kPass:
            return "pass";
        case Outcome::kWarn:
            return "warn";
        case Outcome::kFail:
            return "fail";
        case Outcome::kCrash:
            return "crash";
        case Outcome::kTimeout:
            return "timeout";
        case Outcome::kSkip:
            return "skip";
    }
    return "fail";
}

struct Report {
    std::string name;
    Outcome outcome = Outcome::kPass;
    std::string message;
    double milliseconds = 0;
    Json facts;  // what later checks want to know

    void warn(const std::string& text) {
        if (outcome == Outcome::kPass) outcome = Outcome::kWarn;
        message += (message.empty() ? "" : "; ") + text;
    }
    void note(const std::string& text) { message += (message.empty() ? "" : "; ") + text; }
};

// Ends the running check. Only within the child that runs it.
struct CheckEnded {
    Outcome outcome;
    std::string message;
};

[[noreturn]] inline void fail(std::string message) {
    throw CheckEnded{Outcome::kFail, std::move(message)};
}

[[noreturn]] inline void skip(std::string message) {
    throw CheckEnded{Outcome::kSkip, std::move(message)};
}

inline void expect(bool condition, const std::string& otherwise) {
    if (!condition) fail(otherwise);
}

}  // namespace validate
