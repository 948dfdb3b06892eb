/*
 * Requests and instance arguments as C++ views. They borrow the host's memory: valid until the
 * function that got them returns, so copy what shall live longer. Plain data, no locking.
 */
#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ipl/ipl.h"

#pragma GCC visibility push(hidden)
namespace ipl {
inline namespace v1_0 {

using Bytes = std::span<const std::byte>;

inline std::string_view viewOf(ipl_span s) {
    return s.data == nullptr ? std::string_view() : std::string_view(s.data, s.size);
}

inline Bytes bytesOf(std::string_view text) {
    return std::as_bytes(std::span(text));
}

inline ipl_span spanOf(std::string_view text) {
    return {text.data(), text.size()};
}

inline ipl_span spanOf(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/* The struct as this SDK knows it, whatever size the other side's has: missing fields are zero.
 */
template <class T>
T copyOf(const T& from) {
    T copy{};
    std::memcpy(&copy, &from, from.struct_size < sizeof(T) ? from.struct_size : sizeof(T));
    return copy;
}

/* A picture given to the plugin; the host has sniffed the MIME type from the bytes. */
struct ImageInput {
    std::string_view mime;
    Bytes bytes;
    uint32_t width = 0; /* pixels; 0 = the header did not tell */
    uint32_t height = 0;
    uint32_t role = 0; /* IPL_INPUT_; a plugin skips what it does not know */
};

inline std::optional<ImageInput> imageOf(const ipl_image_in* image) {
    if (image == nullptr) return std::nullopt;
    const ipl_image_in in = copyOf(*image);
    return ImageInput{viewOf(in.mime), bytesOf(viewOf(in.bytes)), in.width, in.height, in.role};
}

struct ImageRequest {
    std::string_view prompt; /* may be scene JSON as text */
    std::string_view negativePrompt;
    std::string_view orientation; /* "landscape", "portrait" or "square" */
    std::string_view sizeClass;   /* "0.5mp", "1mp", "2mp" or "4mp" */
    uint32_t width = 0;           /* pixels that the two above stand for */
    uint32_t height = 0;
    uint32_t steps = 0;
    uint32_t runIndex = 0; /* from 0 */
    uint32_t attempt = 1;  /* from 1 */
    std::optional<int64_t> seed;
    std::optional<double> guidanceScale;
    std::optional<double> strength;  /* 0 = keep the input picture, 1 = ignore it */
    std::optional<ImageInput> image; /* the start picture */
    std::vector<ImageInput> inputs;  /* all pictures, the start picture first */
    bool wantsPreview = false;
    std::string_view extra; /* JSON object of fields without a place above, or empty */

    explicit ImageRequest(const ipl_image_request& raw) {
        const ipl_image_request r = copyOf(raw);
        prompt = viewOf(r.prompt);
        negativePrompt = viewOf(r.negative_prompt);
        orientation = viewOf(r.orientation);
        sizeClass = viewOf(r.size_class);
        width = r.width;
        height = r.height;
        steps = r.steps;
        runIndex = r.run_index;
        attempt = r.attempt;
        if ((r.flags & IPL_IMAGE_HAS_SEED) != 0) seed = r.seed;
        if ((r.flags & IPL_IMAGE_HAS_GUIDANCE) != 0) guidanceScale = r.guidance_scale;
        if ((r.flags & IPL_IMAGE_HAS_STRENGTH) != 0) strength = r.strength;
        if ((r.flags & IPL_IMAGE_HAS_IMAGE) != 0) image = imageOf(r.image);
        for (uint32_t i = 0; r.inputs != nullptr && i < r.input_count; ++i) {
            if (auto input = imageOf(r.inputs[i])) inputs.push_back(*input);
        }
        wantsPreview = (r.flags & IPL_IMAGE_WANTS_PREVIEW) != 0;
        extra = viewOf(r.extra);
    }

    /* The first picture of a role (IPL_INPUT_), or nullptr. */
    const ImageInput* input(uint32_t role) const {
        for (const ImageInput& each : inputs) {
            if (each.role == role) return &each;
        }
        return nullptr;
    }
};

/* What prompt and vision requests have in common. */
struct LanguageRequest {
    std::string_view system; /* instructions; may be empty */
    std::string_view user;
    std::string_view model; /* empty = the one from the settings */
    std::optional<double> temperature;
    uint32_t maxTokens = 0; /* 0 = the backend's own */
    std::optional<int64_t> seed;
    std::string_view responseSchema; /* JSON Schema that the answer has to follow, or empty */
    std::string_view extra;          /* JSON object, or empty */

  protected:
    template <class Raw>
    void take(const Raw& r) {
        system = viewOf(r.system);
        user = viewOf(r.user);
        model = viewOf(r.model);
        if ((r.flags & IPL_LLM_HAS_TEMPERATURE) != 0) temperature = r.temperature;
        maxTokens = r.max_tokens;
        if ((r.flags & IPL_LLM_HAS_SEED) != 0) seed = r.seed;
        responseSchema = viewOf(r.response_schema);
        extra = viewOf(r.extra);
    }
};

struct PromptRequest : LanguageRequest {
    explicit PromptRequest(const ipl_prompt_request& raw) { take(copyOf(raw)); }
};

struct VisionRequest : LanguageRequest {
    ImageInput image;
    std::string_view steering; /* creative direction that colours every field; may be empty */

    explicit VisionRequest(const ipl_vision_request& raw) {
        const ipl_vision_request r = copyOf(raw);
        take(r);
        image = imageOf(r.image).value_or(ImageInput{});
        steering = viewOf(r.steering);
    }
};

struct InstanceArgs {
    std::string_view role; /* an IPL_ROLE_ id */
    std::string_view instanceName;
    std::string_view settings; /* JSON text of the settings object */
    std::string_view dataDir;  /* private folder that may be written to */
    uint32_t maxConcurrency = 1;

    explicit InstanceArgs(const ipl_instance_args& raw) {
        const ipl_instance_args r = copyOf(raw);
        role = viewOf(r.role);
        instanceName = viewOf(r.instance_name);
        settings = viewOf(r.settings);
        dataDir = viewOf(r.data_dir);
        maxConcurrency = r.max_concurrency;
    }
};

}  // namespace v1_0
}  // namespace ipl
#pragma GCC visibility pop
