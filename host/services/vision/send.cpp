#include "services/vision/send.hpp"

#include "services/common/bounded_json.hpp"
#include "services/generator/raw_fields.hpp"

namespace host::services {

namespace {

// Scenes are prompts, which have 10,000 characters at most. The bounds keep what the indentation
// adds small, and the recursion that writes it shallow.
constexpr std::size_t kMostBytes = 256 * 1024;
constexpr int kDeepest = 32;

Result<Json> readScene(const std::string& body) {
    if (body.size() > kMostBytes) {
        return validationError(
            {{"body", "has more than " + std::to_string(kMostBytes) + " bytes"}});
    }
    return parseObject(body, kDeepest);
}

}  // namespace

http::Handler sendHandler(http::Handler generate) {
    return [generate = std::move(generate)](http::Request& request) {
        const auto scene = readScene(request.body);
        if (!scene) return http::Response::error(scene.error());
        const Json wanted = {{"prompt", scene->dump(2)}, {"random", false}, {"count", 1}};
        request.body = wanted.dump();
        request.headers.set("Content-Type", "application/json");
        return generate(request);
    };
}

}  // namespace host::services
