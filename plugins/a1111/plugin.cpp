// The plugin `a1111`: a server that speaks the API of AUTOMATIC1111's web UI, such as it, Forge,
// SD.Next, Draw Things and stable-diffusion.cpp's sd-server.
#include "ipl/plugin.hpp"

#include <random>
#include <string>

#include "a1111/follower.hpp"
#include "a1111/request.hpp"
#include "a1111/server.hpp"
#include "a1111/settings.hpp"
#include "a1111/turns.hpp"
#include "common/upstream.hpp"

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;

constexpr ipl::PluginInfo kInfo{
    .id = "a1111",
    .name = "A1111 API",
    .version = "1.0.0",
    .vendor = "Image Pipeline",
    .settingsSchema = a1111::kSettingsSchema,
};

// Every program of the family takes 32 bits; stable-diffusion.cpp's server cuts larger seeds.
std::int64_t anySeed() {
    std::random_device device;
    return std::uniform_int_distribution<std::int64_t>(0, 0xFFFFFFFF)(device);
}

class A1111 : public ipl::ImageBackend {
  public:
    A1111(ipl::Host host, const ipl::InstanceArgs& args, ipl::Call&)
        : server_(ipl::HttpClient(host), a1111::readSettings(args.settings)) {}

    void probe(ipl::Call& call) override { server_.probe(call); }

    std::string describe(ipl::Call& call) override {
        // Steps and guidance have no bounds in these APIs: those of the web page are its own.
        Json about{{"image_formats", {"image/png", "image/jpeg"}},
                   {"image_to_image", true},
                   {"input_roles", {"start", "mask"}},
                   {"negative_prompt", true},
                   {"seed", true},
                   {"size", {{"multiple_of", 8}}}};
        if (!server_.settings().model.empty()) about["model"] = server_.settings().model;
        try {
            const a1111::Ways ways = server_.ways(call);
            const bool followed = ways.follow != a1111::Follow::Nothing;
            if (ways.dialect == a1111::Dialect::DrawThings) about["input_roles"] = {"start"};
            // Draw Things and stable-diffusion.cpp's server round up to that; the bounds are the
            // latter's.
            if (!followed)
                about["size"] = {{"min_side", 64}, {"max_side", 4096}, {"multiple_of", 64}};
            about["progress"] = followed;
            about["previews"] = followed && server_.settings().previews;
            about["cancel"] = followed ? "step" : "none";
            if (const auto models = server_.models(call); !models.empty()) about["models"] = models;
            if (const auto listed = server_.settingsAsListed(call); !listed.model.empty())
                about["model"] = listed.model;
        } catch (const Error& error) {
            if (error.status() == Status::kUnsupported)
                call.log(ipl::Log::kWarning, "nothing can be drawn there: " + error.message());
            // Else it is away: the rest is true all the same.
        }
        return upstream::dump(about);
    }

    void generate(const ipl::ImageRequest& request, ipl::Call& call) override {
        a1111::expectInputs(request);
        call.progress(-1, 0, request.steps, "waiting for the server");
        const a1111::Turn turn(server_.settings().url, call);
        const a1111::Ways ways = server_.ways(call);
        const std::int64_t seed = request.seed.value_or(anySeed());
        const std::string taskId =
            ways.follow == a1111::Follow::Task ? taskIdOf(request, call) : "";
        const std::string body =
            a1111::bodyOf(request, server_.settingsAsListed(call), ways.dialect, seed, taskId);
        const a1111::Answer answer =
            draw(call, ways, a1111::pathOf(request), body, taskId, request.wantsPreview);
        for (const a1111::Drawn& picture : answer.pictures)
            call.picture({.seed = picture.seed.value_or(seed),
                          .sizeHint = picture.bytes.size(),
                          .stats = answer.stats},
                         ipl::bytesOf(picture.bytes));
    }

  private:
    static std::string taskIdOf(const ipl::ImageRequest& request, const ipl::Call& call) {
        return "task(ipl-" + std::string(call.jobId()) + "-" + std::to_string(request.runIndex) +
               "-" + std::to_string(request.attempt) + "-" + std::to_string(anySeed()) + ")";
    }

    a1111::Answer draw(ipl::Call& call, a1111::Ways ways, const std::string& path,
                       std::string_view body, const std::string& taskId, bool previews) {
        a1111::Follower follower(server_, call,
                                 {ways.follow, taskId, server_.whatRuns(call, ways.follow)},
                                 previews && server_.settings().previews);
        try {
            a1111::Answer answer = server_.draw(call, path, body);
            server_.expectWhole(call, ways.follow, answer);
            return answer;
        } catch (const Error& error) {
            follower.stop();
            // No answer came, but a server of this family goes on drawing when its client is gone.
            if (error.status() == Status::kCancelled || error.status() == Status::kTimeout ||
                error.status() == Status::kUnavailable)
                server_.interrupt(call, follower.drawing());
            if (error.status() != Status::kCancelled) server_.forgetWhatItIs();
            throw;
        }
    }

    a1111::Server server_;
};

}  // namespace

IPL_PLUGIN(kInfo, A1111);
