// Bodies of POST /api/v1/generate, /api/analyze. The first line is the Content-Type.
#include "services/generator/generate_request.hpp"
#include "request_checks.hpp"
#include "services/vision/analyze_request.hpp"

using namespace host;
using fuzz::check;
using fuzz::checkError;
using fuzz::checkSpec;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const services::GenerateRules kRules{{1, 20}, {1, 150}, {"Studio A", "Studio B"}};
    std::string_view body = fuzz::text(data, size);
    http::Request request;
    request.method = "POST";
    request.headers.add("Content-Type", std::string(fuzz::takeLine(body)));
    request.body = body;
    http::Request again = request;
    if (const auto read = services::readGenerateRequest(request, kRules)) {
        if (read->refusal) {
            checkError(*read->refusal);
        } else {
            checkSpec(read->spec, kRules);
        }
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
