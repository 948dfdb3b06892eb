// Bodies of POST /api/v1/generate, /api/analyze. The first line is the Content-Type.
#include "services/generator/generate_request.hpp"
#include "fuzz.hpp"
#include "services/generator/request_limits.hpp"
#include "services/vision/analyze_request.hpp"
#include "support/text.hpp"

using namespace host;
using fuzz::check;

namespace {

void checkError(const Error& error) {
    check(isValidUtf8(error.message) && error.message.size() < 100'000, "an error can be sent");
    error.details.dump();  // throws when it is no UTF-8
}

void checkSpec(const pipeline::JobSpec& spec, const services::GenerateRules& rules) {
    check(spec.random || !trim(spec.prompt).empty(), "there is a prompt or a reason for none");
    check(isValidUtf8(spec.prompt) && isValidUtf8(spec.negativePrompt), "texts are UTF-8");
    check(spec.count >= rules.count.min && spec.count <= rules.count.max, "count is in range");
    check(spec.steps >= rules.steps.min && spec.steps <= rules.steps.max, "steps is in range");
    check(!spec.seed || services::kSeeds.holds(static_cast<double>(*spec.seed)), "so is seed");
    check(services::kStrengths.holds(spec.strength), "strength is in range");
    check(!spec.endpoints.empty() && spec.endpoints.size() <= rules.endpoints.size(),
          "there is somebody to draw it");
    check(pipeline::pixelSize(spec.size, spec.orientation).has_value(), "the size is one");
    const Json kept = spec.toJson();
    check(pipeline::JobSpec::fromJson(Json::parse(kept.dump())).toJson() == kept,
          "a request comes back from the database as it was");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const services::GenerateRules kRules{{1, 20}, {1, 150}, {"Studio A", "Studio B"}};
    std::string_view body = fuzz::text(data, size);
    http::Request request;
    request.method = "POST";
    request.headers.add("Content-Type", std::string(fuzz::takeLine(body)));
    request.body = body;
    http::Request again = request;
    if (const auto read = services::readGenerateRequest(request, kRules)) {
        checkSpec(read->spec, kRules);
        check(read->spec.hasImage() == !read->picture.empty(), "a picture is there or not");
        check(read->fingerprint() == read->fingerprint(), "a request has one fingerprint");
    } else {
        checkError(read.error());
    }
    if (const auto read = services::readAnalyzeRequest(again)) {
        check(!read->picture.empty() && isValidUtf8(read->steering), "an analysis has a picture");
    } else {
        checkError(read.error());
    }
    return 0;
}
