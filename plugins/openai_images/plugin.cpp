// The plugin `openai_images`: a server that speaks OpenAI's images API, such as OpenAI itself,
// stable-diffusion.cpp's sd-server, LocalAI or another host of this kind.
#include "ipl/plugin.hpp"

#include <optional>
#include <string>

#include "common/download.hpp"
#include "common/preview.hpp"
#include "common/upstream.hpp"
#include "openai_images/answer.hpp"
#include "openai_images/request.hpp"
#include "openai_images/settings.hpp"

namespace {

using ipl::Error;
using ipl::Status;
using openai_images::Drawn;
using upstream::Json;

constexpr std::size_t kMaxErrorBody = 64 * 1024;
constexpr std::uint64_t kMaxModelList = std::uint64_t{4} << 20;
constexpr std::chrono::milliseconds kQuick{5000};

constexpr ipl::PluginInfo kInfo{
    .id = "openai_images",
    .name = "OpenAI images API",
    .version = "1.0.0",
    .vendor = "Image Pipeline",
    .settingsSchema = openai_images::kSettingsSchema,
};

class OpenAiImages : public ipl::ImageBackend {
  public:
    OpenAiImages(ipl::Host host, const ipl::InstanceArgs& args, ipl::Call&)
        : http_(host), settings_(openai_images::readSettings(args.settings)) {}

    void probe(ipl::Call& call) override {
        const ipl::HttpResponse models = askModels(call);
        // A server without this route is there all the same.
        if (models.ok() || models.status == 404 || models.status == 405) return;
        throw failureOf(models.status, models.body, models.header("retry-after"));
    }

    std::string describe(ipl::Call& call) override {
        const bool streams = settings_.previews && !openai_images::isDallE(settings_.model);
        const std::string_view model = openai_images::withoutMaker(settings_.model);
        Json about{{"image_formats", {"image/png", "image/jpeg"}},
                   {"image_to_image", model != "dall-e-3"},
                   {"negative_prompt", settings_.sends("negative_prompt")},
                   {"seed", settings_.sends("seed")},
                   {"progress", streams},
                   {"previews", streams},
                   {"cancel", "none"}};
        if (model != "dall-e-3") {
            about["input_roles"] = {"start", "mask", "reference"};
            about["max_inputs"] = model == "dall-e-2" ? 2 : 8;
        }
        for (const char* const field : {"steps", "guidance_scale"})
            if (!settings_.sends(field)) about[field] = false;
        for (const openai_images::Size& size : settings_.sizes)
            about["sizes"].push_back({{"width", size.width}, {"height", size.height}});
        if (!settings_.model.empty()) about["model"] = settings_.model;
        try {
            const ipl::HttpResponse models = askModels(call);
            if (models.ok()) {
                if (const auto names = openai_images::readModels(models.body); !names.empty())
                    about["models"] = names;
            }
        } catch (const Error&) {
            // Away: the rest is true all the same.
        }
        return upstream::dump(about);
    }

    void generate(const ipl::ImageRequest& request, ipl::Call& call) override {
        const openai_images::Body body = openai_images::bodyOf(request, settings_);
        call.progress(-1, 0, 0, "waiting for the server");
        for (const Drawn& drawn : ask(call, body)) {
            // The server has not told a seed that it was not given.
            const auto seed = settings_.sends("seed") ? request.seed : std::nullopt;
            if (drawn.bytes.empty()) {
                download(call, drawn, seed);
            } else {
                call.picture({.seed = seed, .sizeHint = drawn.bytes.size(), .stats = drawn.stats},
                             ipl::bytesOf(drawn.bytes));
            }
        }
    }

  private:
    ipl::HttpRequest request(std::string method, std::string url) const {
        ipl::HttpRequest request;
        request.method = std::move(method);
        request.url = std::move(url);
        if (!settings_.apiKey.empty() && openai_images::isSameServer(request.url, settings_.base))
            request.headers.emplace_back("Authorization", "Bearer " + settings_.apiKey);
        return request;
    }

    Error failureOf(int status, std::string_view body,
                    std::optional<std::string_view> retryAfter) const {
        return openai_images::failureOf(status, body, retryAfter, !settings_.apiKey.empty());
    }

    ipl::HttpResponse askModels(ipl::Call& call) const {
        ipl::HttpRequest get = request("GET", settings_.base + "/models");
        get.maxResponse = kMaxModelList;
        get.timeout = kQuick;
        return http_.perform(call, get);
    }

    std::vector<Drawn> ask(ipl::Call& call, const openai_images::Body& body) const {
        ipl::HttpRequest post = request("POST", settings_.base + body.path);
        post.headers.emplace_back("Content-Type", body.contentType);
        post.headers.emplace_back(
            "Accept", body.streams ? "text/event-stream, application/json" : "application/json");
        post.body = body.bytes;
        post.maxResponse = 2 * openai_images::kMaxAnswer;  // partial images beside the whole
        // A kept connection may be closed there at any moment, and this must not go out twice.
        post.reuseConnection = false;
        openai_images::AnswerReader reader([&](const std::string& bytes, int index) {
            call.progress(-1, static_cast<std::uint32_t>(index) + 1, 0, "drawing");
            pictures::showPreview(call, bytes);  // OpenAI's are whole PNG files
        });
        bool good = false;
        std::string errorBody;
        const ipl::HttpResponse response = http_.stream(
            call, post,
            [&](std::string_view piece) {
                if (good) {
                    reader.feed(piece);
                    return true;
                }
                errorBody.append(piece);
                return errorBody.size() <= kMaxErrorBody;
            },
            [&](const ipl::HttpResponse& head) {
                good = head.ok();
                return true;
            });
        if (!good) throw failureOf(response.status, errorBody, response.header("retry-after"));
        return reader.finish();
    }

    void download(ipl::Call& call, const Drawn& drawn, std::optional<std::int64_t> seed) const {
        const std::string url = openai_images::absoluteUrl(drawn.url, settings_.base);
        if (url.empty())
            throw Error(Status::kBadOutput,
                        "the server names no address that can be fetched for its picture: " +
                            upstream::excerpt(drawn.url, 100));
        upstream::download(http_, call, request("GET", url), {.seed = seed, .stats = drawn.stats},
                           [](int status, std::string_view body) {
                               return upstream::errorOf("its server", status, body, {});
                           });
    }

    const ipl::HttpClient http_;
    const openai_images::Settings settings_;
};

}  // namespace

IPL_PLUGIN(kInfo, OpenAiImages);
