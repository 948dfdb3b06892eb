// The plugin `chat`: language models behind an OpenAI-compatible chat API.
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
        : client_(host, chat::readSettings(args.settings)) {}

    void probe(ipl::Call& call) override { client_.probe(call); }
    std::string listModels(ipl::Call& call) override { return client_.listModels(call); }
    void complete(const ipl::PromptRequest& request, ipl::Call& call) override {
        client_.complete({request, request.image}, call);
    }

  private:
    chat::Client client_;
};

}  // namespace

IPL_PLUGIN(kInfo, PromptWriter);
