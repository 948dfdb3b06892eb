// What ComfyUI and A1111 answer to requests that follow from one another. The first line is "a" or
// "c" for the plugin, and a letter for each answer: "x" makes it a refusal. Lines of "--" part the
// answers.
#include "a1111/server.hpp"
#include "comfyui/server.hpp"
#include "fake_host.hpp"
#include "plugin_errors.hpp"

using fuzz::check;
using fuzz::expectErrors;
using fuzz::FakeHost;

namespace {

std::vector<FakeHost::Answer> answersOf(std::string_view body, std::string_view letters) {
    constexpr std::size_t kMost = 8;
    constexpr std::string_view kBetween = "\n--\n";
    std::vector<FakeHost::Answer> answers;
    do {
        const std::size_t end = std::min(body.find(kBetween), body.size());
        const bool refused = answers.size() < letters.size() && letters[answers.size()] == 'x';
        const std::string_view one = body.substr(0, end);
        answers.push_back({refused ? fuzz::refusalStatus(one) : 200, one});
        body.remove_prefix(std::min(end + kBetween.size(), body.size()));
    } while (!body.empty() && answers.size() < kMost);
    return answers;
}

void askComfyui(std::string_view body, std::string_view letters) {
    FakeHost fake(answersOf(body, letters));
    ipl::Call call = fake.call();
    const comfyui::Server server(fake.host(), "http://fuzz");
    expectErrors([&] { server.queue(call, upstream::Json::object(), "id"); });
    expectErrors([&] {
        const std::string name =
            server.upload(call, {"image/png", ipl::bytesOf(body), 1, 1, IPL_INPUT_START});
        upstream::dump(upstream::Json(name));
    });
    expectErrors([&] {
        const auto pictures = comfyui::picturesOf(server.get(call, "/history/id"), "id", {});
        for (const auto& picture : pictures.value_or(std::vector<comfyui::RemotePicture>()))
            server.fetch(call, picture, 7, "{}");
    });
    const int before = fake.requests();
    server.stop(call, "id");
    check(fake.requests() <= before + 3, "an end takes three requests at most");
}

void askA1111(std::string_view body, std::string_view letters) {
    FakeHost fake(answersOf(body, letters));
    ipl::Call call = fake.call();
    a1111::Settings settings;
    settings.url = "http://fuzz";
    a1111::Server server(ipl::HttpClient(fake.host()), settings);
    expectErrors([&] { server.probe(call); });
    expectErrors([&] {
        const a1111::Ways ways = server.ways(call);
        check(static_cast<int>(ways.follow) <= static_cast<int>(a1111::Follow::Task),
              "a way is one");
        server.whatRuns(call, ways.follow);
        const auto drawn = server.draw(call, "/sdapi/v1/txt2img", "{}");
        check(!drawn.pictures.empty(), "there is a picture");
        server.expectWhole(call, ways.follow, drawn);
    });
    expectErrors([&] {
        for (const std::string& name : server.models(call)) {
            check(name.size() <= 1000, "a name is bounded");
            upstream::dump(upstream::Json(name));
        }
    });
    for (const auto follow : {a1111::Follow::Global, a1111::Follow::Task})
        expectErrors([&] {
            const auto now = server.progress(call, follow, "t", true, -1, false);
            check(!now || now->fraction <= 1, "a bar ends");
        });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view body = fuzz::text(data, size);
    std::string_view letters = fuzz::takeLine(body);
    if (letters.empty()) return 0;
    const bool comfyui = letters[0] == 'c';
    letters.remove_prefix(1);
    if (comfyui) {
        askComfyui(body, letters);
    } else {
        askA1111(body, letters);
    }
    return 0;
}
