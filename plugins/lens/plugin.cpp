// The ABI's side of the analyser: takes the pixels from the host and hands the scene over.
#include <ipl/plugin.hpp>

#include <span>
#include <string>

#include "common/pixmap.hpp"
#include "scene.hpp"

namespace {

constexpr const char* kSettingsSchema =
    R"({"$schema":"http://json-schema.org/draft-07/schema#","type":"object",)"
    R"("additionalProperties":false,"properties":{)"
    R"("palette_size":{"description":"At most how many colours a palette has.",)"
    R"("type":"integer","minimum":3,"maximum":5,"default":5}}})";

class Lens : public ipl::VisionBackend {
  public:
    Lens(ipl::Host host, const ipl::InstanceArgs&, ipl::Call&) {
        const int64_t size = host.config().getInt("/palette_size").value_or(5);
        if (size < 3 || size > 5)
            throw ipl::Error(ipl::Status::kInvalidArgument, "must be 3 to 5", "/palette_size");
        paletteSize_ = static_cast<size_t>(size);
    }

    /// The host decodes: it sends plain pixels, no more than can be looked at in no time.
    std::string describe(ipl::Call&) override {
        return R"({"model":"lens","models":["lens"],"language_model":false,"recognises":false,)"
               R"("image_formats":["image/x-portable-pixmap"],"max_image_side":640})";
    }

    std::string listModels(ipl::Call&) override {
        return R"({"object":"list","data":[)"
               R"({"id":"lens","object":"model","owned_by":"image-pipeline"}]})";
    }

    /// Instructions, model and answer schema are for language models; they change nothing here.
    void analyze(const ipl::VisionRequest& request, ipl::Call& call) override {
        call.throwIfCancelled();
        const std::span bytes(reinterpret_cast<const uint8_t*>(request.image.bytes.data()),
                              request.image.bytes.size());
        const auto pixels = pixmap::readPixmap(bytes);
        if (!pixels) {
            throw ipl::Error(ipl::Status::kImageFormat,
                             "the picture is no portable pixmap (P6, 8 bit), which is all that "
                             "this plugin reads",
                             "image");
        }
        lens::Order order;
        order.view = {pixels->width, pixels->height, pixels->rgb};
        order.extra = request.extra;
        order.steering = request.steering;
        order.paletteSize = paletteSize_;
        const auto scene = lens::sceneOf(order, [&call] { return !call.cancelled(); });
        if (!scene) throw ipl::Error(ipl::Status::kCancelled, "cancelled");
        call.text(upstream::dump(*scene));
    }

  private:
    size_t paletteSize_ = 5;
};

constexpr ipl::PluginInfo kInfo{.id = "lens",
                                .name = "Lens",
                                .version = "1.0.0",
                                .vendor = "Image Pipeline",
                                .settingsSchema = kSettingsSchema};

}  // namespace

IPL_PLUGIN(kInfo, Lens);
