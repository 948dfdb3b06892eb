#include "openai_images/request.hpp"

#include <random>
#include <vector>

#include "ipl/error.hpp"
#include "openai_images/mask.hpp"

namespace openai_images {

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;

constexpr int kPartialImages = 2;  // of the three at most that the API knows

std::string_view viewOf(ipl::Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool mayStream(const ipl::ImageRequest& request, const Settings& settings) {
    // DALL-E refuses what it does not know; other servers ignore it or can do it.
    return settings.previews && request.wantsPreview && !isDallE(settings.model);
}

Json fieldsOf(const ipl::ImageRequest& request, const Settings& settings, bool streams) {
    Json fields = Json::object();
    const auto put = [&](const char* name, const std::string& value) {
        if (!value.empty()) fields[name] = value;
    };
    put("model", settings.model);
    fields["prompt"] = request.prompt;
    fields["n"] = 1;
    if (request.width > 0 && request.height > 0)
        fields["size"] = textOf(nearestOf(settings.sizes, {request.width, request.height}));
    // The newer models refuse it, for they know nothing else.
    if (!isGptImage(settings.model)) fields["response_format"] = "b64_json";
    put("quality", settings.quality);
    put("background", settings.background);
    put("output_format", settings.outputFormat);
    put("style", settings.style);
    if (streams) {
        fields["stream"] = true;
        fields["partial_images"] = kPartialImages;
    }
    if (settings.sends("seed") && request.seed) fields["seed"] = *request.seed;
    if (settings.sends("steps") && request.steps > 0) fields["steps"] = request.steps;
    if (settings.sends("guidance_scale") && request.guidanceScale)
        fields["guidance_scale"] = *request.guidanceScale;
    if (settings.sends("strength") && request.strength) fields["strength"] = *request.strength;
    if (settings.sends("negative_prompt") && !request.negativePrompt.empty())
        fields["negative_prompt"] = request.negativePrompt;
    // A null takes a field off.
    for (const auto& [name, value] : settings.extra.items()) {
        if (value.is_null()) {
            fields.erase(name);
        } else {
            fields[name] = value;
        }
    }
    return fields;
}

// Cannot come up in a picture by chance.
std::string anyBoundary() {
    std::random_device device;
    std::string boundary = "ipl-form-";
    for (int i = 0; i < 4; ++i)
        boundary += std::to_string(device());
    return boundary;
}

class Form {
  public:
    explicit Form(std::string boundary) : boundary_(std::move(boundary)) {}

    void field(const std::string& name, std::string_view value) {
        begin(name);
        body_ += "\r\n\r\n";
        body_ += value;
        body_ += "\r\n";
    }
    void file(const std::string& name, std::string_view fileName, std::string_view mime,
              std::string_view bytes) {
        begin(name);
        body_ += "; filename=\"";
        body_ += fileName;
        body_ += "\"\r\nContent-Type: ";
        body_ += mime;
        body_ += "\r\n\r\n";
        body_ += bytes;
        body_ += "\r\n";
    }
    std::string finish() {
        body_ += "--" + boundary_ + "--\r\n";
        return std::move(body_);
    }

  private:
    void begin(const std::string& name) {
        body_ += "--" + boundary_ + "\r\nContent-Disposition: form-data; name=\"" + name + "\"";
    }

    const std::string boundary_;
    std::string body_;
};

std::string fileNameOf(std::string_view stem, std::string_view mime) {
    const std::size_t slash = mime.find('/');
    return std::string(stem) + "." +
           std::string(slash == mime.npos ? "png" : mime.substr(slash + 1));
}

void addPictures(Form& form, const ipl::ImageRequest& request, const Settings& settings) {
    std::vector<const ipl::ImageInput*> pictures;
    for (const ipl::ImageInput& input : request.inputs) {
        if (input.role == IPL_INPUT_START || input.role == IPL_INPUT_REFERENCE) {
            pictures.push_back(&input);
        } else if (input.role != IPL_INPUT_MASK) {
            throw Error(Status::kUnsupported,
                        "the images API has no place for a control picture: send it to another "
                        "endpoint, or as a reference");
        }
    }
    if (pictures.empty())
        throw Error(Status::kUnsupported, "the images API takes a mask only with a picture");
    const std::string name = pictures.size() == 1 ? "image" : "image[]";
    for (std::size_t i = 0; i < pictures.size(); ++i) {
        form.file(name, fileNameOf("image" + std::to_string(i + 1), pictures[i]->mime),
                  pictures[i]->mime, viewOf(pictures[i]->bytes));
    }
    if (const ipl::ImageInput* mask = request.input(IPL_INPUT_MASK)) {
        const std::string bytes =
            settings.alphaMask ? transparentWhereWhite(*mask) : std::string(viewOf(mask->bytes));
        form.file("mask", settings.alphaMask ? "mask.png" : fileNameOf("mask", mask->mime),
                  settings.alphaMask ? "image/png" : mask->mime, bytes);
    }
}

}  // namespace

Body bodyOf(const ipl::ImageRequest& request, const Settings& settings) {
    Body body;
    body.streams = mayStream(request, settings);
    const Json fields = fieldsOf(request, settings, body.streams);
    if (request.inputs.empty()) {
        body.path = "/images/generations";
        body.contentType = "application/json";
        body.bytes = upstream::dump(fields);
        return body;
    }
    const std::string boundary = anyBoundary();
    Form form(boundary);
    for (const auto& [name, value] : fields.items())
        form.field(name, value.is_string() ? value.get<std::string>() : upstream::dump(value));
    addPictures(form, request, settings);
    body.path = "/images/edits";
    body.contentType = "multipart/form-data; boundary=" + boundary;
    body.bytes = form.finish();
    return body;
}

}  // namespace openai_images
