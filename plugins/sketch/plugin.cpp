// The ABI's side of the painter: checks the request, reports progress and hands the picture over.
#include <ipl/plugin.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <utility>

#include "codec.hpp"
#include "common/pixmap.hpp"
#include "settings.hpp"
#include "sketch.hpp"

namespace {

constexpr int kPreviewSide = 384;
constexpr size_t kMaxPreview = 256 * 1024;
constexpr uint32_t kPreviews = 8;
constexpr uint32_t kMaxSteps = 1000;
constexpr size_t kPiece = 64 * 1024;

int64_t randomSeed() {
    std::random_device device;
    const uint64_t wide = static_cast<uint64_t>(device()) << 32 | device();
    return static_cast<int64_t>(wide & ((1ULL << 53) - 1));
}

class Sketch : public ipl::ImageBackend {
  public:
    Sketch(ipl::Host host, const ipl::InstanceArgs&, ipl::Call&) {
        const int64_t delay = host.config().getInt("/delay_ms_per_step").value_or(0);
        if (delay < 0 || delay > sketch::kMaxDelayMs) {
            throw ipl::Error(ipl::Status::kInvalidArgument, "must be 0 to 10000",
                             "/delay_ms_per_step");
        }
        delay_ = std::chrono::milliseconds(delay);
    }

    std::string describe(ipl::Call&) override {
        return R"({"model":"sketch","image_to_image":true,"input_roles":["start","mask"],)"
               R"("max_inputs":2,"negative_prompt":true,"seed":true,"steps":{"min":1,"max":1000},)"
               R"("guidance_scale":{"min":0,"max":20},)"
               R"("size":{"min_side":16,"max_side":8192,"max_pixels":16777216},)"
               R"("progress":true,"previews":true,"cancel":"immediate",)"
               // Plain pixels, no more than the largest size is drawn from: the host decodes.
               R"("image_formats":["image/x-portable-pixmap"],"max_image_side":2432})";
    }

    void generate(const ipl::ImageRequest& request, ipl::Call& call) override {
        call.throwIfCancelled();
        check(request);
        const int width = static_cast<int>(request.width);
        const int height = static_cast<int>(request.height);
        const uint32_t steps = std::clamp(request.steps, 1U, kMaxSteps);
        const int64_t seed = request.seed ? *request.seed : randomSeed();

        sketch::Order order;
        order.prompt = request.prompt;
        order.negative = request.negativePrompt;
        order.width = width;
        order.height = height;
        order.steps = static_cast<int>(steps);
        order.seed = static_cast<uint64_t>(seed);
        order.guidance = std::clamp(request.guidanceScale.value_or(3.5), 0.0, 20.0);
        order.strength = std::clamp(request.strength.value_or(0.75), 0.0, 1.0);
        sketch::Bitmap input;
        if (request.image) {
            input = readInput(*request.image, width, height);
            order.input = &input;
        }
        sketch::Bitmap mask;
        const ipl::ImageInput* given = request.input(IPL_INPUT_MASK);
        const bool masked = order.input != nullptr && given != nullptr;
        if (masked) mask = readInput(*given, width, height);

        call.progress(0, 0, steps, "composing");
        const uint32_t previewEvery = std::max(1U, steps / kPreviews);
        sketch::Hooks hooks;
        hooks.go = [&call] { return !call.cancelled(); };
        hooks.painted = [&](int step, const sketch::Bitmap& painting) {
            const auto done = static_cast<uint32_t>(step);
            call.progress(static_cast<double>(done) / steps, done, steps, "painting");
            if (request.wantsPreview && done < steps && done % previewEvery == 0) {
                const std::vector<uint8_t> jpeg =
                    masked ? sketch::encodePreview(sketch::through(mask, input, painting),
                                                   kPreviewSide)
                           : sketch::encodePreview(painting, kPreviewSide);
                if (!jpeg.empty() && jpeg.size() <= kMaxPreview) {
                    call.preview("image/jpeg", std::as_bytes(std::span(jpeg)));
                }
            }
            if (delay_.count() > 0) call.sleepFor(delay_);
            return !call.cancelled();
        };
        std::optional<sketch::Bitmap> picture = sketch::draw(order, hooks);
        if (!picture) throw ipl::Error(ipl::Status::kCancelled, "cancelled");
        if (masked) picture = sketch::through(mask, input, *picture);
        deliver(*picture, seed, steps, call);
    }

  private:
    static void check(const ipl::ImageRequest& request) {
        constexpr auto kMin = static_cast<uint32_t>(sketch::kMinSide);
        constexpr auto kMax = static_cast<uint32_t>(sketch::kMaxSide);
        if (request.width < kMin || request.height < kMin) {
            throw ipl::Error(ipl::Status::kInvalidArgument, "a picture has at least 16 x 16 pixels",
                             "size");
        }
        if (request.width > kMax || request.height > kMax ||
            static_cast<int64_t>(request.width) * request.height > sketch::kMaxPixels) {
            throw ipl::Error(ipl::Status::kTooLarge,
                             "at most 16 megapixels and 8192 a side are drawn", "size");
        }
    }

    static sketch::Bitmap readInput(const ipl::ImageInput& image, int width, int height) {
        const std::span bytes(reinterpret_cast<const uint8_t*>(image.bytes.data()),
                              image.bytes.size());
        std::optional<pixmap::Pixmap> read = pixmap::readPixmap(bytes);
        if (!read) {
            throw ipl::Error(ipl::Status::kImageFormat,
                             "the input picture is no binary portable pixmap (P6) of 8 bits",
                             "image");
        }
        sketch::Bitmap bitmap;
        bitmap.width = read->width;
        bitmap.height = read->height;
        bitmap.rgb = std::move(read->rgb);
        return sketch::cover(bitmap, width, height);
    }

    static void deliver(const sketch::Bitmap& picture, int64_t seed, uint32_t steps,
                        ipl::Call& call) {
        const std::vector<uint8_t> png =
            sketch::encodePng(picture, [&call] { return !call.cancelled(); });
        call.throwIfCancelled();
        if (png.empty()) throw ipl::Error(ipl::Status::kOutOfMemory, "out of memory");
        const std::string stats = R"({"seed":)" + std::to_string(seed) + R"(,"width":)" +
                                  std::to_string(picture.width) + R"(,"height":)" +
                                  std::to_string(picture.height) + R"(,"steps":)" +
                                  std::to_string(steps) + R"(,"renderer":"sketch"})";
        ipl::PictureInfo info;
        info.mime = "image/png";
        info.seed = seed;
        info.width = static_cast<uint32_t>(picture.width);
        info.height = static_cast<uint32_t>(picture.height);
        info.sizeHint = png.size();
        info.stats = stats;
        ipl::Picture out = call.beginPicture(info);
        ipl::Bytes rest = std::as_bytes(std::span(png));
        while (!rest.empty()) {
            const size_t n = std::min(rest.size(), kPiece);
            out.write(rest.first(n));
            rest = rest.subspan(n);
        }
        out.commit();
    }

    std::chrono::milliseconds delay_{0};
};

constexpr ipl::PluginInfo kInfo{.id = "sketch",
                                .name = "Sketch",
                                .version = "1.0.0",
                                .vendor = "Image Pipeline",
                                .settingsSchema = sketch::kSettingsSchema};

}  // namespace

IPL_PLUGIN(kInfo, Sketch);
