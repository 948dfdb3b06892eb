// The three services on their ports. start() brings up those that the configuration names; stop()
// lets begun requests finish. To be used by one thread, the process's main one.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "http/front.hpp"
#include "http/server.hpp"
#include "services/common/generator_access.hpp"
#include "services/context.hpp"
#include "services/editor/editor.hpp"
#include "services/generator/api.hpp"
#include "services/openai/openai_api.hpp"
#include "services/sdapi/sdapi.hpp"
#include "services/vision/vision.hpp"

namespace host::services {

struct Listening {
    std::string service;  // as in /health
    std::string url;
};

class Services {
  public:
    // `generator` is null when it runs in another process; `vision` may be when its service is
    // switched off. The contexts are copied; what they borrow is not.
    Services(const Common& common, const Context* generator, pipeline::Vision* vision,
             http::Front& front);

    Status start();
    const std::vector<Listening>& listening() const { return listening_; }
    // Work that would be lost by a shutdown is refused from now on.
    void refuseMore();
    void stop(std::chrono::milliseconds grace);

  private:
    void addPages(http::Router& router, const std::string& page);
    Status listen(const std::string& service, int port, std::shared_ptr<http::Router> router);

    const Common common_;
    http::Front& front_;
    std::unique_ptr<GeneratorApi> generatorApi_;       // null when it runs in another process
    std::unique_ptr<WaitingCalls> calls_;              // likewise
    std::unique_ptr<PictureConversions> conversions_;  // likewise
    std::unique_ptr<OpenAiApi> openAi_;                // likewise
    std::unique_ptr<SdApi> sdApi_;                     // likewise
    GeneratorAccess generator_;
    EditorApi editor_;
    std::unique_ptr<VisionApi> vision_;  // null when its service is switched off
    std::vector<std::unique_ptr<http::Server>> servers_;
    std::vector<Listening> listening_;
};

}  // namespace host::services
