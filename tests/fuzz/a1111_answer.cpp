// Answers of servers that speak A1111's API. The first line is the plugin's settings.
#include "a1111/answer.hpp"
#include "a1111/names.hpp"
#include "a1111/settings.hpp"
#include "fuzz.hpp"
#include "plugin_errors.hpp"

using fuzz::check;
using fuzz::expectErrors;

namespace {

void checkProgress(const std::optional<a1111::Progress>& progress) {
    if (!progress) return;
    check(progress->fraction <= 1, "a bar ends");
    check(progress->preview.size() <= a1111::kMaxPreview + 3, "a preview is bounded");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view body = fuzz::text(data, size);
    const std::string_view settings = fuzz::takeLine(body);
    expectErrors([&] {
        const auto read = a1111::readSettings(settings);
        check(read.url.find_first_of(" \r\n?#") == std::string::npos, "an address is one");
        check(read.authorization.find_first_of("\r\n") == std::string::npos, "a header is one");
    });
    expectErrors([&] {
        const auto answer = a1111::readAnswer(body);
        check(!answer.pictures.empty() && answer.pictures.size() <= 16, "pictures are bounded");
        check(upstream::parseJson(answer.stats).has_value(), "what is told of them is JSON");
    });
    const ipl::Error error = a1111::failureOf(fuzz::refusalStatus(body), body, settings);
    check(!error.message().empty() && error.message().size() < 5000, "a reason is given, cut");
    upstream::Json(error.message()).dump();
    const a1111::Lists lists{a1111::readSamplers(body), a1111::readSchedulers(body),
                             a1111::readCheckpoints(body)};
    expectErrors([&] {
        const auto named = a1111::asListed(
            {.sampler = std::string(settings), .scheduler = "Karras", .model = "a [b]"}, lists);
        check(!lists.schedulers || named.scheduler.size() <= 500, "a name is bounded");
    });
    checkProgress(a1111::readTaskProgress(body));
    checkProgress(a1111::readGlobalProgress(body));
    return 0;
}
