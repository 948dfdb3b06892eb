// The plugin `endpoint`: a generation machine that speaks the endpoint protocol. Holds no state
// besides the address, so calls may run at once.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/download.hpp"
#include "common/upstream.hpp"
#include "endpoint/protocol.hpp"
#include "ipl/plugin.hpp"

namespace {

using ipl::Error;
using ipl::Status;

constexpr std::size_t kMaxProbeBody = 64 * 1024;

constexpr ipl::PluginInfo kInfo{
    .id = "endpoint",
    .name = "Generation endpoint",
    .version = "1.0.0",
    .vendor = "Image Pipeline",
    .settingsSchema = R"({
        "type": "object",
        "properties": {
            "ip": {
                "type": "string", "minLength": 1,
                "description": "Name or address of the machine, such as 192.168.5.40"
            },
            "port": {
                "type": "integer", "minimum": 1, "maximum": 65535,
                "description": "The port its generation server listens on"
            }
        },
        "required": ["ip", "port"],
        "additionalProperties": false
    })",
};

class Endpoint : public ipl::ImageBackend {
  public:
    Endpoint(ipl::Host host, const ipl::InstanceArgs& args, ipl::Call&)
        : http_(host), base_(endpoint::baseUrl(args.settings)) {}

    void probe(ipl::Call& call) override {
        ipl::HttpRequest request;
        request.url = base_ + "/";
        std::size_t taken = 0;  // a large page needs not be read to its end
        auto response = http_.stream(call, request, [&taken](std::string_view piece) {
            return (taken += piece.size()) <= kMaxProbeBody;
        });
        if (!response.ok())
            throw Error(Status::kUpstream, "GET / was answered " + std::to_string(response.status));
    }

    // What the protocol has fields for. It has no way to stop a machine: a cancel ends the
    // connection, and the machine draws on.
    std::string describe(ipl::Call&) override {
        return R"({"image_to_image":true,"input_roles":["start"],"max_inputs":1,)"
               R"("negative_prompt":false,"seed":true,"progress":false,"previews":false,)"
               R"("cancel":"none"})";
    }

    void generate(const ipl::ImageRequest& request, ipl::Call& call) override {
        call.progress(-1, 0, request.steps, "generating");
        auto pictures = endpoint::parseAnswer(askFor(request, call));
        for (const auto& picture : pictures) {
            call.progress(1, request.steps, request.steps, "downloading");
            download(picture, call);
        }
    }

  private:
    std::string askFor(const ipl::ImageRequest& request, const ipl::Call& call) const {
        const std::string body = endpoint::requestBody(request);
        ipl::HttpRequest post;
        post.method = "POST";
        post.url = base_ + "/generate";
        post.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
        post.body = body;
        post.maxResponse = endpoint::kMaxAnswer;
        ipl::HttpResponse response;
        try {
            response = http_.perform(call, post);
        } catch (const Error& error) {
            // The request is not too large, the answer is: another machine may do better.
            if (error.status() != Status::kTooLarge) throw;
            throw Error(Status::kBadOutput, "the endpoint's answer has no end (over 4 MiB)");
        }
        if (!response.ok())
            throw upstream::errorOf("the endpoint", response.status, response.body,
                                    response.header("retry-after"));
        return std::move(response.body);
    }

    void download(const endpoint::RemotePicture& remote, ipl::Call& call) const {
        ipl::HttpRequest get;
        get.url = base_ + "/images/" + upstream::pathSegment(remote.filename);
        upstream::download(
            http_, call, std::move(get),
            {.remoteName = remote.filename, .seed = remote.seed, .stats = remote.stats},
            [](int status, std::string_view body) {
                return upstream::errorOf("the endpoint", status, body, {});
            });
    }

    const ipl::HttpClient http_;
    const std::string base_;
};

}  // namespace

IPL_PLUGIN(kInfo, Endpoint);
