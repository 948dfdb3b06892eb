// A server of the family played from its recordings.
#pragma once

#include <string>

#include "common/backend_run.hpp"
#include "common/base64.hpp"
#include "common/played_server.hpp"

namespace test {

using A1111Plugin = BackendRun<plugins::ImageBackend>;

class Family : public PlayedServer {
  public:
    // Forge's HTTP layer, or "sd-server". What has no route is answered as that server does.
    explicit Family(const std::string& folder = "forge-http-layer") : PlayedServer(folder) {
        if (folder == "forge-http-layer") {
            play("GET /sdapi/v1/samplers", "samplers");
            play("GET /sdapi/v1/schedulers", "schedulers");
            play("GET /sdapi/v1/sd-models", "sd_models");
            play("GET /sdapi/v1/progress", "progress_idle");
            play("POST /internal/progress", "internal_progress_unknown");
            play("POST /sdapi/v1/interrupt", "interrupt_idle");
            play("POST /sdapi/v1/txt2img", "txt2img_ok");
            play("POST /sdapi/v1/img2img", "img2img_ok");
            play("", "not_found");
        } else {
            play("GET /sdapi/v1/samplers", "samplers");
            play("GET /sdapi/v1/schedulers", "schedulers");
            play("GET /sdapi/v1/sd-models", "sd_models");
            play("", "progress_404");
        }
    }
};

// The recordings of sd-server hold the first bytes of their pictures only.
inline std::string bodyWithWholePictures(const std::string& recordedBody) {
    host::Json body = host::Json::parse(recordedBody);
    for (host::Json& picture : body["images"])
        picture = upstream::base64(
            readFile(std::string(IPL_TEST_DATA) + "/sd-server/txt2img_ok.full.png"));
    return body.dump();
}

inline Family::Answer withWholePicture(const std::string& recording) {
    return [answer = readRecording(IPL_TEST_DATA, recording)](sim::Connection& connection,
                                                              const sim::Request&) {
        return connection.send(answer.answer(bodyWithWholePictures(answer.body())));
    };
}

inline host::plugins::ImageRequest a1111Request() {
    host::plugins::ImageRequest request;
    request.prompt = "a red cat";
    request.negativePrompt = "blur";
    request.orientation = "square";
    request.sizeClass = "0.5mp";
    request.width = 704;
    request.height = 704;
    request.steps = 3;
    request.seed = 7;
    request.guidanceScale = 7;
    return request;
}

inline A1111Plugin startA1111(const Family& server, host::Json settings = host::Json::object()) {
    settings["url"] = server.url();
    return {IPL_PLUGIN_DIR "/a1111.so", IPL_ROLE_IMAGE, std::move(settings)};
}

inline Outcome drawWith(A1111Plugin& plugin,
                        const host::plugins::ImageRequest& request = a1111Request(),
                        std::chrono::milliseconds time = std::chrono::seconds(20),
                        std::shared_ptr<plugins::Cancellation> cancellation = {}) {
    return plugin.run(
        [&](auto& backend, const auto& context) { return backend.generate(request, context); },
        time, std::move(cancellation));
}

}  // namespace test
