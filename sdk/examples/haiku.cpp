/*
 * An example plugin in C++: a prompt writer that needs no model. It writes three lines about
 * whatever it is asked for, the same ones for the same seed, and hands them over word by word, as a
 * language model does. Setting: "mood", the word the poem closes with.
 */
#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <string_view>

#include "ipl/plugin.hpp"

namespace {

constexpr ipl::PluginInfo kInfo{
    .id = "haiku",
    .name = "Haiku",
    .version = "1.0.0",
    .vendor = "Image Pipeline examples",
    .license = "MIT",
    .settingsSchema = R"({
        "type": "object",
        "properties": {
            "mood": {"type": "string", "default": "quiet", "description": "How the poem ends"}
        },
        "additionalProperties": false
    })",
};

constexpr std::array<std::string_view, 4> kOpenings = {
    "morning light over", "late rain falling on", "one lantern beside", "slow wind passing by"};
constexpr std::array<std::string_view, 4> kMiddles = {
    "every colour holds its breath", "long shadows cross the water",
    "far hills fold into blue mist", "dust turns gold above the road"};

class HaikuWriter : public ipl::PromptBackend {
  public:
    HaikuWriter(ipl::Host host, const ipl::InstanceArgs& args, ipl::Call& call)
        : metrics_(host.metrics()), mood_(host.config().getString("/mood").value_or("quiet")) {
        if (mood_.empty()) {
            throw ipl::Error(ipl::Status::kInvalidArgument, "must not be empty", "/mood");
        }
        call.log(ipl::Log::kDebug, "writer ready: " + std::string(args.instanceName));
    }

    void complete(const ipl::PromptRequest& request, ipl::Call& call) override {
        const std::string_view topic = request.user.empty() ? "an empty page" : request.user;
        std::minstd_rand random(static_cast<unsigned>(request.seed.value_or(1)));
        std::string poem(kOpenings[random() % kOpenings.size()]);
        poem.append(" ").append(topic.substr(0, topic.find('\n')));
        poem.append(",\n").append(kMiddles[random() % kMiddles.size()]);
        poem.append(",\nall of it ").append(mood_);

        for (size_t begin = 0; begin < poem.size();) {
            call.throwIfCancelled();
            const size_t end = std::min(poem.find(' ', begin), poem.size() - 1) + 1;
            call.textDelta(std::string_view(poem).substr(begin, end - begin));
            begin = end;
        }
        metrics_.counterAdd("poems_total");
    }

    std::string listModels(ipl::Call&) override { return R"({"data": [{"id": "haiku"}]})"; }

    std::string describe(ipl::Call&) override { return R"({"models": ["haiku"]})"; }

  private:
    const ipl::Metrics metrics_;
    const std::string mood_;
};

}  // namespace

IPL_PLUGIN(kInfo, HaikuWriter);
