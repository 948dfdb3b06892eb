#include "wrapper_plugin.hpp"

namespace wrapped {

Script& script() {
    static Script instance;
    return instance;
}

namespace {

class Image : public ipl::ImageBackend {
  public:
    Image(ipl::Host host, const ipl::InstanceArgs& args, ipl::Call& call) {
        if (script().create) script().create(host, args, call);
    }

  private:  // overrides may be private
    void generate(const ipl::ImageRequest& request, ipl::Call& call) override {
        script().generate(request, call);
    }
};

class Prompt : public ipl::PromptBackend {
  public:
    Prompt(ipl::Host, const ipl::InstanceArgs&, ipl::Call&) {}
    void complete(const ipl::PromptRequest& request, ipl::Call& call) override {
        script().complete(request, call);
    }
    void probe(ipl::Call&) override { throw ipl::Error(ipl::Status::kUnavailable, "switched off"); }
    std::string describe(ipl::Call&) override { return R"({"kind": "prompt"})"; }
};

class Vision : public ipl::VisionBackend {
  public:
    Vision(ipl::Host, const ipl::InstanceArgs&, ipl::Call&) {}
    void analyze(const ipl::VisionRequest& request, ipl::Call& call) override {
        script().analyze(request, call);
    }
    std::string listModels(ipl::Call&) override { return R"({"data": [{"id": "eyes"}]})"; }
};

constexpr ipl::PluginInfo kInfo{
    .id = "wrapped", .name = "Wrapped", .version = "1.2.3", .license = "MIT"};

}  // namespace
}  // namespace wrapped

IPL_PLUGIN(wrapped::kInfo, wrapped::Image, wrapped::Prompt, wrapped::Vision);
