// Bodies of POST /v1/images/* and /sdapi/v1/*2img. The first line is the Content-Type.
#include "request_checks.hpp"
#include "services/openai/image_request.hpp"
#include "services/sdapi/drawing_request.hpp"

using namespace host;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const services::GenerateRules kRules{{1, 20}, {1, 150}, {"Studio A", "Studio B"}};
    std::string_view body = fuzz::text(data, size);
    http::Request request;
    request.method = "POST";
    request.headers.add("Content-Type", std::string(fuzz::takeLine(body)));
    request.body = body;
    for (const bool withPicture : {false, true}) {
        http::Request image = request;
        if (const auto read = services::readImageRequest(image, kRules, withPicture)) {
            fuzz::checkSpec(read->generate.spec, kRules);
            fuzz::check(read->generate.spec.hasImage() == withPicture, "edits have a picture");
        } else {
            fuzz::checkError(read.error());
        }
        http::Request drawing = request;
        if (const auto read = services::readDrawingRequest(drawing, kRules, "any", withPicture)) {
            fuzz::checkSpec(read->generate.spec, kRules);
            fuzz::check(read->generate.spec.hasImage() == withPicture, "img2img has a picture");
            fuzz::check(read->width > 0 && read->height > 0, "the size is one");
            // Sent back to the client.
            static_cast<void>(
                read->parameters.dump(-1, ' ', false, Json::error_handler_t::replace));
        } else {
            fuzz::checkError(read.error());
        }
    }
    return 0;
}
