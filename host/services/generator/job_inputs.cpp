#include "services/generator/job_inputs.hpp"

#include "pipeline/job_spec.hpp"
#include "services/query_fields.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

std::vector<pipeline::InputPicture> inputsOf(const store::JobRow& job) {
    const auto spec = pipeline::JobSpec::fromJson(job.request);
    std::vector<pipeline::InputPicture> inputs;
    if (spec.hasImage() && !job.inputFile.empty()) {
        inputs.push_back({plugins::InputRole::Start, spec.imageMime, spec.imageWidth,
                          spec.imageHeight, job.inputFile});
    }
    inputs.insert(inputs.end(), spec.inputs.begin(), spec.inputs.end());
    return inputs;
}

}  // namespace

Json jobInputsJson(const store::JobRow& job) {
    Json list = Json::array();
    for (const pipeline::InputPicture& input : inputsOf(job)) {
        const std::size_t number = list.size() + 1;
        list.push_back({{"number", number},
                        {"role", plugins::nameOf(input.role)},
                        {"mime", input.mime},
                        {"width", input.width},
                        {"height", input.height},
                        {"url", "/api/v1/jobs/" + percentEncode(job.id) + "/inputs/" +
                                    std::to_string(number)}});
    }
    return list;
}

Result<http::Response> jobInput(const store::JobRow& job, const std::string& number,
                                store::PictureStore& pictures) {
    const auto inputs = inputsOf(job);
    const auto index = wholeNumber<std::size_t>(number);
    if (!index || *index < 1 || *index > inputs.size()) {
        return Error{ErrorCode::NotFound, "The job has no such input picture."};
    }
    const pipeline::InputPicture& input = inputs[*index - 1];
    auto bytes = pictures.loadInput(input.file);
    if (!bytes) return bytes.error();
    http::Response response = http::Response::text(std::move(*bytes), input.mime);
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Cache-Control", "private, no-cache");
    return response;
}

}  // namespace host::services
