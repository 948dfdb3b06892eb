// What a client asked for, validated: the request of a job as the pipeline works with it. A plain
// value; immutable once a job was made of it. Kept in the database as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/picture_size.hpp"
#include "plugins/input_role.hpp"
#include "support/error.hpp"

namespace host::pipeline {

enum class PromptMode { Same, Different };
// All: every run goes to every endpoint; Any: each run to one free endpoint; List: exactly those
// named.
enum class Target { All, Any, List };

// Seeds are below it: what a double, and so every JSON reader, holds exactly.
inline constexpr std::int64_t kSeedSpan = std::int64_t{1} << 53;

// What guidance_scale "random" draws from.
std::span<const double> randomGuidanceScales();

// An input picture beside the start picture.
struct InputPicture {
    plugins::InputRole role = plugins::InputRole::None;
    std::string mime;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::string file;  // its name in the picture store; empty until the job is submitted
};

// What stands against drawing a job at an endpoint that it therefore does not go to.
struct LeftOut {
    std::string endpoint;
    std::string field;   // of the request
    std::string reason;  // what follows the endpoint's name: "does not take a mask"
};

struct JobSpec {
    std::string prompt;
    std::string prompt2;
    bool random = false;
    int count = 1;
    PromptMode promptMode = PromptMode::Same;
    std::string orientation = "landscape";
    std::string size = "1mp";  // or WIDTHxHEIGHT; the orientation is then what that says
    int steps = 25;
    bool stepsByDefault = false;  // nobody chose them
    std::optional<std::int64_t> seed;
    double strength = 0.75;
    std::optional<double> guidanceScale;
    bool randomGuidance = false;
    Target target = Target::All;
    std::vector<std::string> endpoints;  // names in config order: all, or the list; less leftOut
    std::vector<LeftOut> leftOut;  // of All and Any: endpoints that cannot draw it, see admit()
    int priority = 0;
    std::string negativePrompt;
    std::string imageMime;  // set when there is a start picture
    std::uint32_t imageWidth = 0;
    std::uint32_t imageHeight = 0;
    std::vector<InputPicture> inputs;  // the other input pictures

    bool hasImage() const { return !imageMime.empty(); }
    // Run i uses seed + i, the same on every endpoint; wraps at 2^53.
    std::optional<std::int64_t> seedOf(int run) const;
    // The fixed one, or the one drawn for this run: the same after a restart.
    std::optional<double> guidanceOf(const std::string& jobId, int run) const;
    // What an endpoint gets when no model writes the prompt.
    const std::string& promptFor(const std::string& endpoint) const;

    Json toJson() const;
    // Of toJson's result; missing fields keep their defaults.
    static JobSpec fromJson(const Json& json);
};

}  // namespace host::pipeline
