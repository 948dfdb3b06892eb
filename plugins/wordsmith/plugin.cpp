// The ABI's side of the prompt writer.
#include <ipl/plugin.hpp>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "wordsmith.hpp"

namespace {

using Json = nlohmann::json;

constexpr size_t kMaxExtra = 256 * 1024;

class Wordsmith : public ipl::PromptBackend {
  public:
    Wordsmith(ipl::Host, const ipl::InstanceArgs&, ipl::Call&) {}

    std::string describe(ipl::Call&) override {
        return R"({"writer":"embedded grammar","language_model":false,"models":["wordsmith"],)"
               R"("words":{"min":80,"max":120},"seed":true,"vision":false})";
    }

    std::string listModels(ipl::Call&) override {
        return R"({"object":"list","data":[{"id":"wordsmith","object":"model","owned_by":"embedded"}]})";
    }

    void complete(const ipl::PromptRequest& request, ipl::Call& call) override {
        call.throwIfCancelled();
        if (!request.responseSchema.empty()) {
            throw ipl::Error(ipl::Status::kUnsupported,
                             "the embedded writer answers in prose only");
        }
        std::string idea(request.user);
        uint64_t run = 0;
        if (request.extra.size() <= kMaxExtra) {
            const Json extra = Json::parse(request.extra, nullptr, false);
            if (extra.is_object()) {
                const auto given = extra.find("concept");
                if (given != extra.end() && given->is_string()) idea = given->get<std::string>();
                const auto number = extra.find("run_index");
                if (number != extra.end() && number->is_number_integer())
                    run = number->get<uint64_t>();
            }
        }
        uint64_t seed = 0;
        if (request.seed) {
            seed = static_cast<uint64_t>(*request.seed);
        } else {
            std::random_device device;
            seed = static_cast<uint64_t>(device()) << 32 | device();
        }
        call.text(wordsmith::write(idea, seed, run));
    }
};

constexpr ipl::PluginInfo kInfo{
    .id = "wordsmith",
    .name = "Wordsmith",
    .version = "1.0.0",
    .vendor = "Image Pipeline",
    .settingsSchema =
        R"({"$schema":"http://json-schema.org/draft-07/schema#","type":"object","additionalProperties":false,"properties":{}})"};

}  // namespace

IPL_PLUGIN(kInfo, Wordsmith);
