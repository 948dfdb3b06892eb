#include "plugins/request_data.hpp"

#include "plugins/abi_text.hpp"

namespace host::plugins {

namespace {

std::string extraText(const Json& extra) {
    if (!extra.is_object() || extra.empty()) return {};
    return extra.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ipl_image_in pictureOf(const PictureIn& picture, InputRole role) {
    ipl_image_in in{};
    in.struct_size = sizeof in;
    in.role = static_cast<std::uint32_t>(role);
    in.mime = spanOf(picture.mime);
    in.bytes = spanOf(*picture.bytes);
    in.width = picture.width;
    in.height = picture.height;
    return in;
}

bool hasPicture(const std::optional<PictureIn>& picture) {
    return picture && picture->bytes;
}

}  // namespace

ImageRequestData::ImageRequestData(const ImageRequest& request)
    : copy_(request), extra_(extraText(request.extra)) {
    abi_.struct_size = sizeof abi_;
    abi_.prompt = spanOf(copy_.prompt);
    abi_.negative_prompt = spanOf(copy_.negativePrompt);
    abi_.orientation = spanOf(copy_.orientation);
    abi_.size_class = spanOf(copy_.sizeClass);
    abi_.width = copy_.width;
    abi_.height = copy_.height;
    abi_.steps = copy_.steps;
    abi_.run_index = copy_.runIndex;
    abi_.attempt = copy_.attempt;
    abi_.extra = spanOf(extra_);
    if (copy_.seed) {
        abi_.flags |= IPL_IMAGE_HAS_SEED;
        abi_.seed = *copy_.seed;
    }
    if (copy_.guidanceScale) {
        abi_.flags |= IPL_IMAGE_HAS_GUIDANCE;
        abi_.guidance_scale = *copy_.guidanceScale;
    }
    if (copy_.strength) {
        abi_.flags |= IPL_IMAGE_HAS_STRENGTH;
        abi_.strength = *copy_.strength;
    }
    if (hasPicture(copy_.image)) inputs_.push_back(pictureOf(*copy_.image, InputRole::Start));
    for (const PictureIn& other : copy_.others) {
        if (other.bytes && inputs_.size() < kMaxInputs)
            inputs_.push_back(pictureOf(other, other.role));
    }
    for (const ipl_image_in& input : inputs_)
        pointers_.push_back(&input);
    if (hasPicture(copy_.image)) {
        abi_.flags |= IPL_IMAGE_HAS_IMAGE;
        abi_.image = pointers_.front();
    }
    abi_.inputs = pointers_.empty() ? nullptr : pointers_.data();
    abi_.input_count = static_cast<std::uint32_t>(pointers_.size());
    if (copy_.wantsPreview) abi_.flags |= IPL_IMAGE_WANTS_PREVIEW;
}

template <typename T>
void TextRequestData::fill(T& abi) const {
    abi.struct_size = sizeof abi;
    abi.system = spanOf(copy_.system);
    abi.user = spanOf(copy_.user);
    abi.model = spanOf(copy_.model);
    abi.max_tokens = copy_.maxTokens;
    abi.response_schema = spanOf(copy_.responseSchema);
    abi.extra = spanOf(extra_);
    if (copy_.temperature) {
        abi.flags |= IPL_LLM_HAS_TEMPERATURE;
        abi.temperature = *copy_.temperature;
    }
    if (copy_.seed) {
        abi.flags |= IPL_LLM_HAS_SEED;
        abi.seed = *copy_.seed;
    }
}

TextRequestData::TextRequestData(const TextRequest& request)
    : copy_(request), extra_(extraText(request.extra)) {
    if (hasPicture(copy_.image)) image_ = pictureOf(*copy_.image, InputRole::None);
    fill(prompt_);
    fill(vision_);
    vision_.image = hasPicture(copy_.image) ? &image_ : nullptr;
    vision_.steering = spanOf(copy_.steering);
}

}  // namespace host::plugins
