// A server of the images API and the plugin that draws with it.
#pragma once

#include <memory>
#include <string>

#include "common/backend_run.hpp"
#include "common/base64.hpp"
#include "common/played_server.hpp"
#include "common/temp_dir.hpp"

namespace test {

using ImagesPlugin = BackendRun<plugins::ImageBackend>;

inline const std::string& wholePicture() {
    static const std::string bytes =
        readFile(std::string(IPL_TEST_DATA) + "/sd-server/txt2img_ok.full.png");
    return bytes;
}

inline PlayedServer::Answer answering(int status, std::string body, std::string headers = "") {
    return [status, body = std::move(body), headers = std::move(headers)](
               sim::Connection& connection, const sim::Request&) {
        return connection.reply(status, "application/json", body, headers);
    };
}

// As stable-diffusion.cpp's server answers; the pictures, cut in the recordings, are put back.
class ImagesServer : public PlayedServer {
  public:
    ImagesServer() : PlayedServer("sd-server") {
        play("GET /v1/models", "openai_models");
        playPicture("POST /v1/images/generations", "gen_ok");
        playPicture("POST /v1/images/edits", "edit_mask");
        play("", "interrupt_404");
    }
    void playPicture(const std::string& route, const std::string& recording) {
        const Recording answer = recorded(recording);
        host::Json body = host::Json::parse(answer.body());
        for (host::Json& picture : body["data"])
            picture["b64_json"] = upstream::base64(wholePicture());
        on(route, answering(answer.status, body.dump()));
    }
    host::Json lastGeneration() {
        const auto all = requests("POST /v1/images/generations");
        return all.empty() ? host::Json() : host::Json::parse(all.back().body);
    }
};

inline host::plugins::ImageRequest imageRequest() {
    host::plugins::ImageRequest request;
    request.prompt = "a red cat";
    request.orientation = "landscape";
    request.sizeClass = "1mp";
    request.width = 1216;
    request.height = 832;
    request.steps = 20;
    request.seed = 7;
    return request;
}

inline ImagesPlugin startImages(const PlayedServer& server,
                                host::Json settings = host::Json::object()) {
    settings["url"] = server.url();
    return {IPL_PLUGIN_DIR "/openai_images.so", IPL_ROLE_IMAGE, std::move(settings)};
}

inline Outcome drawWith(ImagesPlugin& plugin,
                        const host::plugins::ImageRequest& request = imageRequest(),
                        std::chrono::milliseconds time = std::chrono::seconds(20),
                        std::shared_ptr<plugins::Cancellation> cancellation = {}) {
    return plugin.run(
        [&](auto& backend, const auto& context) { return backend.generate(request, context); },
        time, std::move(cancellation));
}

}  // namespace test
