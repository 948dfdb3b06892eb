// Answers of servers that speak OpenAI's images API. The first line is the plugin's settings, a
// byte of it the size of the pieces that the answer comes in.
#include "common/preview.hpp"
#include "fuzz.hpp"
#include "openai_images/answer.hpp"
#include "openai_images/settings.hpp"
#include "plugin_errors.hpp"

using fuzz::check;
using fuzz::expectErrors;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view body = fuzz::text(data, size);
    const std::string_view settings = fuzz::takeLine(body);
    expectErrors([&] {
        const auto read = openai_images::readSettings(settings);
        check(read.base.find_first_of(" \r\n?#") == std::string::npos, "an address is one");
        check(read.apiKey.find_first_of("\r\n") == std::string::npos, "a header is one");
    });
    const std::size_t piece = 1 + (settings.empty() ? 0 : static_cast<std::uint8_t>(settings[0]));
    expectErrors([&] {
        openai_images::AnswerReader reader([](const std::string& bytes, int index) {
            check(!bytes.empty() && index >= 0 && index <= 100, "a preview is one");
            check(pictures::smallJpeg(bytes).size() <= pictures::kMaxPreview, "a preview is small");
        });
        for (std::size_t at = 0; at < body.size(); at += piece)
            reader.feed(body.substr(at, piece));
        const auto drawn = reader.finish();
        check(!drawn.empty() && drawn.size() <= 16, "pictures are bounded");
        for (const auto& each : drawn) {
            check(upstream::parseJson(each.stats).has_value(), "what is told of them is JSON");
            const std::string url = openai_images::absoluteUrl(each.url, "http://h/v1");
            check(url.empty() || url.starts_with("http"), "only http is followed");
        }
    });
    fuzz::checkError(openai_images::failureOf(fuzz::refusalStatus(body), body, settings, true));
    check(openai_images::readModels(body).size() <= 200, "models are bounded");
    return 0;
}
