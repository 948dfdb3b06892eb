#include "services/sdapi/drawing_reply.hpp"

#include <array>
#include <ctime>

#include "http/error_text.hpp"
#include "pipeline/picture_size.hpp"

namespace host::services {

namespace {

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

struct Drawn {
    std::string prompt;
    Json seed = -1;
    Json steps;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::string endpoint;
};

// What the backend says, else what it was asked for.
Json seedOf(const Json& image, const Json& request, int run) {
    Json told = image.value("stats", Json::object()).value("seed", Json());
    if (told.is_number_integer()) return told;
    const auto asked = request.find("seed");
    if (asked != request.end() && asked->is_number_integer())
        return asked->get<std::int64_t>() + run - 1;
    return -1;
}

class Reply {
  public:
    Reply(const Json& job, const DrawingReplyOptions& options)
        : job_(job), request_(job.at("request")), options_(options) {}

    // False: no picture.
    bool addPictures(AnswerBody& body) {
        body.text("{\"images\":[");
        for (const Json& run : job_.at("results")) {
            for (const Json& image : run.at("images"))
                add(body, image, run.value("run", 1));
        }
        body.text("],\"parameters\":" + dump(options_.parameters) +
                  ",\"info\":" + dump(dump(info())) + "}");
        return !drawn_.empty();
    }

  private:
    void add(AnswerBody& body, const Json& image, int run) {
        if (!image.value("success", false)) return;
        if (options_.sendImages) {
            AnswerBody picture;
            if (!picture.picture(options_.outputDirectory, image.value("filename", ""))) return;
            body.text(drawn_.empty() ? "\"" : ",\"");
            body.append(std::move(picture));
            body.text("\"");
        }
        Drawn one;
        one.prompt = image.value("prompt_used", "");
        one.seed = seedOf(image, request_, run);
        one.steps = image.value("steps", Json());
        one.width = image.value("width", 0U);
        one.height = image.value("height", 0U);
        if (one.width == 0 || one.height == 0) {
            one.width = options_.width;
            one.height = options_.height;
        }
        one.endpoint = image.value("endpoint", Json::object()).value("name", "");
        drawn_.push_back(std::move(one));
    }

    // As A1111 writes it into its files.
    std::string infotext(const Drawn& drawn) const {
        const std::string negative = request_.value("negative_prompt", "");
        std::string text = drawn.prompt;
        if (!negative.empty()) text += "\nNegative prompt: " + negative;
        text += '\n';
        if (!drawn.steps.is_null()) text += "Steps: " + drawn.steps.dump() + ", ";
        if (const auto scale = request_.find("guidance_scale"); scale != request_.end())
            text += "CFG scale: " + scale->dump() + ", ";
        return text + "Seed: " + drawn.seed.dump() +
               ", Size: " + pipeline::sizeText({drawn.width, drawn.height}) +
               ", Model: " + drawn.endpoint;
    }

    Json info() const {
        const std::string negative = request_.value("negative_prompt", "");
        const Drawn first = drawn_.empty()
                                ? Drawn{.width = options_.width, .height = options_.height}
                                : drawn_.front();
        Json info = {{"prompt", request_.value("prompt", "")},
                     {"all_prompts", Json::array()},
                     {"negative_prompt", negative},
                     {"all_negative_prompts", Json::array()},
                     {"seed", first.seed},
                     {"all_seeds", Json::array()},
                     {"subseed", -1},
                     {"width", first.width},
                     {"height", first.height},
                     {"sampler_name", options_.parameters.value("sampler_name", Json(""))},
                     {"cfg_scale", request_.value("guidance_scale", Json())},
                     {"steps", first.steps},
                     {"batch_size", options_.parameters.value("batch_size", Json(1))},
                     {"sd_model_name", drawn_.empty() ? "" : drawn_.front().endpoint},
                     {"denoising_strength", request_.value("strength", Json())},
                     {"index_of_first_image", 0},
                     {"infotexts", Json::array()},
                     {"job_timestamp", jobTimestamp(job_.value("created_at", 0.0))},
                     {"clip_skip", 1}};
        for (const Drawn& drawn : drawn_) {
            info["all_prompts"].push_back(drawn.prompt);
            info["all_negative_prompts"].push_back(negative);
            info["all_seeds"].push_back(drawn.seed);
            info["infotexts"].push_back(infotext(drawn));
        }
        return info;
    }

    const Json& job_;
    const Json& request_;
    const DrawingReplyOptions& options_;
    std::vector<Drawn> drawn_;
};

}  // namespace

std::string jobTimestamp(double seconds) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    if (::gmtime_r(&time, &parts) == nullptr) return "0";
    std::array<char, 32> text{};
    const std::size_t length = std::strftime(text.data(), text.size(), "%Y%m%d%H%M%S", &parts);
    return {text.data(), length};
}

JobReply drawingReply(const Json& job, const DrawingReplyOptions& options) {
    JobReply reply;
    if (Reply(job, options).addPictures(reply.body) || job.value("status", "") == "cancelled")
        return reply;
    const Json reason = job.value("error", Json());
    const Error error{ErrorCode::Internal,
                      reason.is_string() ? reason.get<std::string>() : "No picture was made."};
    reply.status = 500;
    reply.body = {};
    reply.body.text(http::errorText(error, reply.status, options.correlationId, options.path));
    return reply;
}

}  // namespace host::services
