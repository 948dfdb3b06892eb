// Answers of a generation endpoint. The first line is the plugin's settings.
#include "endpoint/protocol.hpp"
#include "fuzz.hpp"
#include "plugin_errors.hpp"

using fuzz::check;
using fuzz::expectErrors;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view body = fuzz::text(data, size);
    const std::string_view settings = fuzz::takeLine(body);
    expectErrors([&] {
        const std::string url = endpoint::baseUrl(settings);
        check(url.starts_with("http://") && url.find_first_of(" \r\n@?#") == url.npos,
              "an address is one");
    });
    expectErrors([&] {
        const auto pictures = endpoint::parseAnswer(body);
        check(!pictures.empty() && pictures.size() <= endpoint::kMaxPictures,
              "pictures are bounded");
        for (const auto& picture : pictures) {
            check(upstream::parseJson(picture.stats).has_value(), "what is told of one is JSON");
            check(upstream::pathSegment(picture.filename).find_first_of("/?# \r\n") ==
                      std::string::npos,
                  "a name stays inside its segment");
        }
    });
    const ipl::Error error = upstream::errorOf("the endpoint", 503, body, settings);
    check(error.message().size() < 5000, "an error answer is cut");
    upstream::Json(error.message()).dump();
    check(error.details().empty() || upstream::parseJson(error.details()), "details are JSON");
    return 0;
}
