// The plugin `chat`: language models behind an OpenAI-compatible chat API, as
// writers of prompts and as those who look at pictures.
#include <string>

#include "chat/client.hpp"
#include "chat/settings.hpp"
#include "ipl/plugin.hpp"

namespace {

constexpr ipl::PluginInfo kInfo{
    .id = "chat",
    .name = "Chat server",
    .version = "1.0.0",
    .vendor = "Image Pipeline",
    .settingsSchema = chat::kSettingsSchema,
};

class PromptWriter : public ipl::PromptBackend {
  public:
    PromptWriter(ipl::Host host, const ipl::InstanceArgs& args, ipl::Call&)
        : client_(host, chat::readSettings(args.settings), chat::Client::Use::Prompts) {}

    void probe(ipl::Call& call) override { client_.probe(call); }
    std::string listModels(ipl::Call& call) override { return client_.listModels(call); }
    void release(ipl::Call& call) override { client_.release(call); }
    void complete(const ipl::PromptRequest& request, ipl::Call& call) override {
        client_.complete({.language = request}, call);
    }

  private:
    chat::Client client_;
};

class Eye : public ipl::VisionBackend {
  public:
    Eye(ipl::Host host, const ipl::InstanceArgs& args, ipl::Call&)
        : settings_(chat::readSettings(args.settings)),
          client_(host, settings_, chat::Client::Use::Vision) {}

    void probe(ipl::Call& call) override { client_.probe(call); }
    std::string describe(ipl::Call&) override { return chat::visionCapabilities(settings_); }
    std::string listModels(ipl::Call& call) override { return client_.listModels(call); }
    void release(ipl::Call& call) override { client_.release(call); }
    void analyze(const ipl::VisionRequest& request, ipl::Call& call) override {
        client_.complete({.language = request, .image = request.image}, call);
    }

  private:
    const chat::Settings settings_;
    chat::Client client_;
};

}  // namespace

IPL_PLUGIN(kInfo, PromptWriter, Eye);
