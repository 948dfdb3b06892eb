// The plugin `comfyui`: one run is one prompt in ComfyUI's queue, under an id made of what is run.
// A run that is found there, or in the history, is not queued again. Holds no state that changes
// but what it found out about the server, which is guarded: calls may run at once.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <random>
#include <set>

#include "comfyui/follower.hpp"
#include "comfyui/identity.hpp"
#include "comfyui/server.hpp"
#include "comfyui/settings.hpp"
#include "ipl/plugin.hpp"

namespace {

using comfyui::Ended;
using comfyui::Place;
using comfyui::Slot;
using comfyui::Values;
using comfyui::Workflow;
using ipl::Error;
using ipl::Status;
using upstream::Json;
using namespace std::chrono_literals;

constexpr int kMaxSteps = 10'000;
constexpr int kMaxClasses = 64;  // looked up at the server
// Of the server's models: over 64 KiB of capabilities the host would take none of them.
constexpr std::size_t kMaxModels = 200;
constexpr std::size_t kMaxModelBytes = 32 * 1024;
constexpr std::uint64_t kSeeds = std::uint64_t{1} << 53;

std::optional<Slot> slotOf(std::uint32_t role) {
    switch (role) {
        case IPL_INPUT_START:
            return Slot::Image;
        case IPL_INPUT_MASK:
            return Slot::Mask;
        case IPL_INPUT_REFERENCE:
            return Slot::Reference;
        case IPL_INPUT_CONTROL:
            return Slot::Control;
        default:
            return std::nullopt;
    }
}

Json multipleOf8(std::uint32_t side) {
    return (side + 4) / 8 * 8;
}

// Those of the template itself are what it takes when nobody chooses: 8 of a turbo model.
Json stepsOf(const Workflow& flow) {
    Json steps{{"min", 1}, {"max", kMaxSteps}};
    const Json own = flow.valueOf(Slot::Steps);
    if (own.is_number_integer() && own >= 1 && own <= kMaxSteps) steps["default"] = own;
    return steps;
}

Json firstNames(const Json& list) {
    Json out = Json::array();
    std::size_t bytes = 0;
    for (const auto& name : list) {
        if (!name.is_string()) continue;
        bytes += name.get_ref<const std::string&>().size();
        if (out.size() == kMaxModels || bytes > kMaxModelBytes) break;
        out.push_back(name);
    }
    return out;
}

class ComfyUi : public ipl::ImageBackend {
  public:
    ComfyUi(ipl::Host host, const ipl::InstanceArgs& args, ipl::Call&)
        : host_(host),
          settings_(comfyui::readSettings(args.settings)),
          name_(args.instanceName),
          server_(host, settings_.url) {}

    void probe(ipl::Call& call) override {
        server_.get(call, "/prompt");
        if (checked_) return;
        std::string faults = faultsOnServer(call);
        if (!faults.empty())
            throw Error(Status::kUnsupported, "ComfyUI cannot run the workflow: " + faults);
        checked_ = true;
    }

    std::string describe(ipl::Call& call) override {
        const Workflow& flow = *settings_.fromText;
        Json about{
            {"image_to_image", settings_.fromImage.has_value()},
            {"input_roles", inputRoles()},
            {"max_inputs", maxInputs()},
            {"negative_prompt", flow.has(Slot::NegativePrompt)},
            {"seed", flow.has(Slot::Seed)},
            {"steps", false},
            {"guidance_scale", false},
            {"progress", true},  // steps and previews while there is a websocket
            {"previews", ipl::WebSocket::available(host_)},
            {"cancel", "step"},
            {"image_formats", {"image/png", "image/jpeg", "image/webp"}},
        };
        if (flow.has(Slot::Steps)) about["steps"] = stepsOf(flow);
        if (flow.has(Slot::Guidance)) about["guidance_scale"] = {{"min", 0}, {"max", 100}};
        if (flow.has(Slot::Width))
            about["size"] = {{"min_side", 16}, {"max_side", 16384}, {"multiple_of", 8}};
        Json model = flow.valueOf(Slot::Model);
        if (model.is_string() && !settings_.model.empty()) model = settings_.model;
        if (model.is_string()) about["model"] = model;
        try {
            if (Json models = modelsOf(flow, call); models.is_array())
                about["models"] = firstNames(models);
            std::string faults = faultsOnServer(call);
            if (!faults.empty()) call.log(ipl::Log::kWarning, "the workflow cannot run: " + faults);
        } catch (const Error& error) {
            if (error.status() == Status::kCancelled) throw;  // else the server is not up yet
        }
        return upstream::dump(about);
    }

    void generate(const ipl::ImageRequest& request, ipl::Call& call) override {
        const Workflow& flow = flowFor(request);
        const std::string run = runOf(request, call);
        const std::uint64_t seed = request.seed ? static_cast<std::uint64_t>(*request.seed)
                                                : comfyui::hash(run, 3) % kSeeds;
        Values values = valuesOf(request, seed, flow);
        for (const auto& input : request.inputs) {
            const Slot slot = *slotOf(input.role);
            const std::string name = server_.upload(call, input);
            if (slot == Slot::Image || slot == Slot::Mask) {
                values[slot] = name;  // wherever it is mapped to
            } else {
                values.try_emplace(slot, Json::array()).first->second.push_back(name);
            }
        }
        const Json graph = flow.filled(values);
        const std::string id = comfyui::uuidOf(run + upstream::dump(graph));
        const std::string stats = upstream::dump({{"prompt_id", id}});
        try {
            comfyui::EventSocket socket(host_, call, settings_.url, id, refusals_);
            socket.open();  // before anything happens that it tells
            queueUnlessThere(call, graph, id);
            comfyui::Follower follower(server_, socket, call,
                                       {id, flow, request.steps, request.wantsPreview});
            for (const auto& picture : follower.untilEnd()) {
                call.progress(1, request.steps, request.steps, "downloading");
                server_.fetch(call, picture, static_cast<std::int64_t>(seed), stats);
            }
        } catch (...) {
            // At shutdown it goes on: the next start finds it. All else is of no use any more.
            const bool over = call.cancelled() || call.remaining() == 0ms;
            if (over && call.cancelReason() != IPL_CANCEL_SHUTDOWN) server_.stop(call, id);
            throw;
        }
    }

  private:
    std::vector<const Workflow*> flows() const {
        std::vector<const Workflow*> out;
        for (const auto* flow : {&settings_.fromText, &settings_.fromImage, &settings_.fromMask})
            if (*flow) out.push_back(&**flow);
        return out;
    }

    Json inputRoles() const {
        Json roles = Json::array();
        if (settings_.fromImage || settings_.fromMask) roles.push_back("start");
        for (const auto& [slot, role] :
             {std::pair(Slot::Mask, "mask"), std::pair(Slot::Reference, "reference"),
              std::pair(Slot::Control, "control")}) {
            bool has = settings_.fromText->has(slot);
            for (const auto* flow : {&settings_.fromImage, &settings_.fromMask})
                has = has || (*flow && (*flow)->has(slot));
            if (has) roles.push_back(role);
        }
        return roles;
    }

    std::size_t maxInputs() const {
        std::size_t most = 0;
        for (const Workflow* flow : flows())
            most =
                std::max(most, flow->placesOf(Slot::Image) + flow->placesOf(Slot::Mask) +
                                   flow->placesOf(Slot::Reference) + flow->placesOf(Slot::Control));
        return std::min(most, std::size_t{8});
    }

    // Every picture has to have its place: one that is left out would be missed in silence.
    const Workflow& flowFor(const ipl::ImageRequest& request) const {
        const bool masked = request.input(IPL_INPUT_MASK) != nullptr;
        const Workflow* flow = &*settings_.fromText;
        if (request.image) {
            if (!settings_.fromImage && !(masked && settings_.fromMask))
                throw Error(Status::kUnsupported, "this endpoint has no image_workflow", "image");
            flow = masked && settings_.fromMask ? &*settings_.fromMask : &*settings_.fromImage;
        }
        std::map<Slot, std::size_t> counts;
        for (const auto& input : request.inputs) {
            const auto slot = slotOf(input.role);
            if (!slot)
                throw Error(Status::kUnsupported, "this endpoint takes no such input picture",
                            "images");
            if (++counts[*slot] > flow->placesOf(*slot))
                throw Error(Status::kUnsupported,
                            "this endpoint's workflow has " +
                                std::to_string(flow->placesOf(*slot)) + " places for a " +
                                std::string(comfyui::nameOf(*slot)) + " picture",
                            "images");
        }
        return *flow;
    }

    // What makes this run another one than an equal one of another job.
    std::string runOf(const ipl::ImageRequest& request, const ipl::Call& call) const {
        if (call.jobId().empty()) {
            std::random_device random;
            return std::to_string(random()) + std::to_string(random());
        }
        return std::string(call.jobId()) + "/" + std::to_string(request.runIndex) + "/" + name_;
    }

    Values valuesOf(const ipl::ImageRequest& request, std::uint64_t seed,
                    const Workflow& flow) const {
        Values values = settings_.fixed;
        values[Slot::Prompt] = request.prompt;
        // Else the template's own stays.
        if (!request.negativePrompt.empty()) values[Slot::NegativePrompt] = request.negativePrompt;
        values[Slot::Seed] = seed;
        values[Slot::Width] = multipleOf8(request.width);
        values[Slot::Height] = multipleOf8(request.height);
        // The template's own stay as they are: its second sampler may have others. Whoever chose
        // none gets those that describe() told, which are not for the workflows with pictures.
        const bool usual = settings_.fromText->valueOf(Slot::Steps) == request.steps;
        if (request.steps > 0 && !usual && flow.valueOf(Slot::Steps) != request.steps)
            values[Slot::Steps] = request.steps;
        if (request.guidanceScale) values[Slot::Guidance] = *request.guidanceScale;
        if (request.image && request.strength) values[Slot::Strength] = *request.strength;
        return values;
    }

    // A run of before a restart may wait, run, or have ended meanwhile.
    void queueUnlessThere(ipl::Call& call, const Json& graph, const std::string& id) const {
        const auto ended = comfyui::howItEnded(server_.get(call, "/history/" + id), id);
        if (ended == Ended::Well) return;
        if (ended == Ended::Badly) server_.forget(call, id);  // or it would be taken for this run
        if (comfyui::findInQueue(server_.get(call, "/queue"), id).place != Place::Absent) return;
        // It may have ended between the two looks.
        if (comfyui::howItEnded(server_.get(call, "/history/" + id), id) == Ended::Well) return;
        server_.queue(call, graph, id);
    }

    // Those that the loader in this workflow could load, which is of one folder of several.
    Json modelsOf(const Workflow& flow, const ipl::Call& call) const {
        const std::string loader = flow.classAt(Slot::Model);
        if (loader.empty()) return nullptr;
        return flow.choicesAt(Slot::Model,
                              server_.get(call, "/object_info/" + upstream::pathSegment(loader)));
    }

    // A class that was found well is not asked for again: a probe that ran out of time goes on
    // where it stopped. One with a fault is, since that may be mended.
    std::string faultsOnServer(const ipl::Call& call) {
        std::set<std::string> classes;
        for (const Workflow* flow : flows())
            classes.merge(flow->classes());
        int looked = 0;
        std::string out;
        for (const auto& name : classes) {
            if (isWell(name)) continue;
            if (++looked > kMaxClasses) break;
            const std::string info =
                server_.get(call, "/object_info/" + upstream::pathSegment(name));
            bool well = true;
            for (const Workflow* flow : flows()) {
                const std::string faults = flow->faultsAgainst(name, settings_.fixed, info);
                well = well && faults.empty();
                if (!faults.empty() && out.find(faults) == out.npos)
                    out += (out.empty() ? "" : "; ") + faults;
            }
            const std::lock_guard lock(mutex_);
            if (well) well_.insert(name);
        }
        return out;
    }

    bool isWell(const std::string& name) {
        const std::lock_guard lock(mutex_);
        return well_.contains(name);
    }

    const ipl::Host host_;
    const comfyui::Settings settings_;
    const std::string name_;
    const comfyui::Server server_;
    comfyui::SocketRefusals refusals_;
    std::atomic<bool> checked_{false};
    std::mutex mutex_;
    std::set<std::string> well_;  // classes of nodes: as many as the templates have
};

constexpr ipl::PluginInfo kInfo{
    .id = "comfyui",
    .name = "ComfyUI",
    .version = "1.0.0",
    .vendor = "Image Pipeline",
    .settingsSchema = comfyui::kSettingsSchema,
};

}  // namespace

IPL_PLUGIN(kInfo, ComfyUi);
