#include "plugins/backends.hpp"

#include "plugins/request_data.hpp"

namespace host::plugins {

namespace {

CallResult freesNothing() {
    CallResult result;
    result.status = CallStatus::Unsupported;
    result.message = "the plugin frees nothing";
    return result;
}

// What all roles share: probe and describe.
template <typename Base>
class InstanceBackend : public Base {
  public:
    explicit InstanceBackend(std::shared_ptr<Instance> instance) : instance_(std::move(instance)) {}

    const std::string& name() const final { return instance_->name(); }
    const std::string& pluginId() const final { return instance_->pluginId(); }
    bool quarantined() const final { return instance_->quarantined(); }

    CallResult probe(const CallContext& context) final {
        return run("probe", context, Expect::Nothing, instance_->head().probe);
    }
    CallResult describe(const CallContext& context) final {
        return ask("describe", context, instance_->head().describe, "{}");
    }

  protected:
    using Plain = ipl_status (*)(void*, const ipl_call*);

    CallResult run(const char* name, const CallContext& context, Expect expect, Plain function) {
        return instance_->call(
            name, context, expect, false,
            [function](void* self, const ipl_call* call) { return function(self, call); });
    }
    // A function that may be missing or hand over nothing: `none` is the answer then.
    CallResult ask(const char* name, const CallContext& context, Plain function, const char* none) {
        CallResult result;
        result.status = CallStatus::Ok;
        if (function != nullptr) result = run(name, context, Expect::JsonObject, function);
        if (result.ok() && result.text.empty()) result.text = none;
        return result;
    }

    CallResult free(const CallContext& context, Plain function) {
        return function == nullptr ? freesNothing()
                                   : run("release", context, Expect::Nothing, function);
    }

    const std::shared_ptr<Instance> instance_;
};

constexpr char kNoModels[] = R"({"data":[]})";

class ImageInstance final : public InstanceBackend<ImageBackend> {
  public:
    using InstanceBackend::InstanceBackend;
    CallResult generate(const ImageRequest& request, const CallContext& context) override {
        const auto data = std::make_shared<ImageRequestData>(request);
        const auto function = instance_->library().interfaces().image.generate;
        return instance_->call("generate", context, Expect::Picture, request.wantsPreview,
                               [data, function](void* self, const ipl_call* call) {
                                   return function(self, data->abi(), call);
                               });
    }
};

class PromptInstance final : public InstanceBackend<PromptBackend> {
  public:
    using InstanceBackend::InstanceBackend;
    CallResult complete(const TextRequest& request, const CallContext& context) override {
        const auto data = std::make_shared<TextRequestData>(request);
        const auto function = instance_->library().interfaces().prompt.complete;
        return instance_->call("complete", context, Expect::Text, false,
                               [data, function](void* self, const ipl_call* call) {
                                   return function(self, data->prompt(), call);
                               });
    }
    CallResult listModels(const CallContext& context) override {
        return ask("list_models", context, instance_->library().interfaces().prompt.list_models,
                   kNoModels);
    }
    CallResult release(const CallContext& context) override {
        return free(context, instance_->library().interfaces().prompt.release);
    }
};

class VisionInstance final : public InstanceBackend<VisionBackend> {
  public:
    using InstanceBackend::InstanceBackend;
    CallResult analyze(const TextRequest& request, const CallContext& context) override {
        CallResult refused;
        refused.status = CallStatus::InvalidArgument;
        refused.field = "image";
        refused.message = "There is no picture to look at.";
        if (!request.image || !request.image->bytes) return refused;
        const auto data = std::make_shared<TextRequestData>(request);
        const auto function = instance_->library().interfaces().vision.analyze;
        return instance_->call("analyze", context, Expect::Text, false,
                               [data, function](void* self, const ipl_call* call) {
                                   return function(self, data->vision(), call);
                               });
    }
    CallResult listModels(const CallContext& context) override {
        return ask("list_models", context, instance_->library().interfaces().vision.list_models,
                   kNoModels);
    }
    CallResult release(const CallContext& context) override {
        return free(context, instance_->library().interfaces().vision.release);
    }
};

template <typename Class, typename Base, typename Table>
MadeBackend<Base> make(Library& library, const Table& table, InstanceOptions options,
                       HostServices services) {
    const Instance::Head head{table.create, table.destroy, table.probe, table.describe};
    auto instance =
        std::make_shared<Instance>(library, head, std::move(options), std::move(services));
    return {std::make_shared<Class>(instance), instance};
}

}  // namespace

std::shared_ptr<const Capabilities> Backend::capabilities() const {
    const MutexLock lock(mutex_);
    return capabilities_;
}

void Backend::setCapabilities(Capabilities capabilities) {
    auto fresh = std::make_shared<const Capabilities>(std::move(capabilities));
    const MutexLock lock(mutex_);
    capabilities_.swap(fresh);
}

bool Backend::cameBack(bool answers) {
    return away_.exchange(!answers) && answers;
}

CallResult PromptBackend::release(const CallContext&) {
    return freesNothing();
}

CallResult VisionBackend::release(const CallContext&) {
    return freesNothing();
}

MadeBackend<ImageBackend> makeImageBackend(Library& library, InstanceOptions options,
                                           HostServices services) {
    options.role = IPL_ROLE_IMAGE;
    return make<ImageInstance, ImageBackend>(library, library.interfaces().image,
                                             std::move(options), std::move(services));
}

MadeBackend<PromptBackend> makePromptBackend(Library& library, InstanceOptions options,
                                             HostServices services) {
    options.role = IPL_ROLE_PROMPT;
    return make<PromptInstance, PromptBackend>(library, library.interfaces().prompt,
                                               std::move(options), std::move(services));
}

MadeBackend<VisionBackend> makeVisionBackend(Library& library, InstanceOptions options,
                                             HostServices services) {
    options.role = IPL_ROLE_VISION;
    return make<VisionInstance, VisionBackend>(library, library.interfaces().vision,
                                               std::move(options), std::move(services));
}

}  // namespace host::plugins
