#include "a1111/answer.hpp"

#include <algorithm>

#include "common/base64.hpp"
#include "common/upstream.hpp"
#include "common/words.hpp"

namespace a1111 {

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;
using upstream::speaksOf;

constexpr std::size_t kMaxPictures = 16;

const Json* member(const Json& object, const char* name) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
}

std::optional<double> numberAt(const Json& object, const char* name) {
    const Json* value = member(object, name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->get<double>();
}

bool flagAt(const Json& object, const char* name) {
    const Json* value = member(object, name);
    return value != nullptr && value->is_boolean() && value->get<bool>();
}

std::uint32_t countAt(const Json& object, const char* name) {
    return static_cast<std::uint32_t>(std::clamp(numberAt(object, name).value_or(0), 0.0, 1e6));
}

std::string previewAt(const Json& progress, const char* name) {
    const Json* picture = member(progress, name);
    if (picture == nullptr || !picture->is_string()) return {};
    const auto& base64 = picture->get_ref<const std::string&>();
    if (base64.size() > kMaxPreview / 3 * 4) return {};
    return upstream::fromBase64(base64).value_or("");
}

std::optional<std::int64_t> seedOf(const Json& value) {
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return std::nullopt;
    if (value.is_number_integer()) return value.get<std::int64_t>();
    return std::nullopt;
}

// `info` is a JSON text inside the JSON; an empty object when there is none.
Json infoOf(const Json& answer) {
    const Json* info = member(answer, "info");
    if (info == nullptr) return Json::object();
    if (info->is_object()) return *info;
    if (!info->is_string()) return Json::object();
    const auto parsed = upstream::parseJson(info->get_ref<const std::string&>());
    return parsed && parsed->is_object() ? *parsed : Json::object();
}

// Width and height are left out: stable-diffusion.cpp's server repeats what was asked for, not what
// it drew.
std::string statsOf(const Json& info) {
    Json stats = Json::object();
    for (const char* const name :
         {"sampler_name", "scheduler", "steps", "cfg_scale", "sd_model_name", "sd_model_hash",
          "denoising_strength", "clip_skip", "version"}) {
        const Json* value = member(info, name);
        if (value != nullptr && (value->is_number() || value->is_string())) stats[name] = *value;
    }
    return upstream::dump(stats);
}

Status statusOf(int code, std::string_view reason) {
    if (speaksOf(reason, "invalid encoded image")) return Status::kImageFormat;
    return upstream::refusalStatus(code, reason);
}

}  // namespace

Answer readAnswer(std::string_view body) {
    const auto json = upstream::parseJson(body);
    if (!json || !json->is_object())
        throw Error(Status::kBadOutput,
                    "the server's answer is not a JSON object: " + upstream::excerpt(body));
    const Json info = infoOf(*json);
    const Json* images = member(*json, "images");
    if (images == nullptr || !images->is_array() || images->empty())
        throw Error(
            Status::kBadOutput,
            "the server said that it is done but sent no picture; look whether a project or "
            "model is open there and whether somebody interrupted it");
    const Json* seeds = member(info, "all_seeds");
    // With a grid first, and control maps last, the pictures are those in between.
    const std::size_t first =
        std::min<std::size_t>(countAt(info, "index_of_first_image"), images->size() - 1);
    const std::size_t wanted =
        seeds != nullptr && seeds->is_array() ? std::max<std::size_t>(seeds->size(), 1) : 1;
    Answer answer;
    answer.stats = statsOf(info);
    if (const Json* stamp = member(info, "job_timestamp"); stamp != nullptr && stamp->is_string())
        answer.timestamp = upstream::excerpt(stamp->get_ref<const std::string&>(), 40);
    for (std::size_t i = first; i < images->size() && answer.pictures.size() < wanted; ++i) {
        if (answer.pictures.size() == kMaxPictures) break;
        const Json& image = (*images)[i];
        auto bytes = image.is_string() ? upstream::fromBase64(image.get_ref<const std::string&>())
                                       : std::nullopt;
        if (!bytes || bytes->empty())
            throw Error(Status::kBadOutput, "the server sent a picture that is not base64");
        std::optional<std::int64_t> seed;
        if (seeds != nullptr && seeds->is_array() && i - first < seeds->size())
            seed = seedOf((*seeds)[i - first]);
        if (const Json* one = member(info, "seed"); !seed && one != nullptr) seed = seedOf(*one);
        answer.pictures.push_back({std::move(*bytes), seed});
    }
    return answer;
}

Error failureOf(int status, std::string_view body, std::optional<std::string_view> retryAfter) {
    if (status == 429 || status == 503)
        return upstream::errorOf("the server", status, body, retryAfter);
    std::string reason = upstream::errorBodyText(body);
    if (status == 401 || status == 403) {
        return Error(Status::kUpstream,
                     "the server refused the user and password (" + std::to_string(status) +
                         "): set \"user\" and \"password\" as its --api-auth says");
    }
    if (status == 404 && (reason.empty() || reason == "Not Found"))
        return Error(Status::kUpstream,
                     "the server has no such API (404): start it with --api, or mend \"url\"");
    if (reason.empty()) reason = "no reason given";
    return Error(statusOf(status, reason),
                 "the server answered " + std::to_string(status) + ": " + reason);
}

std::optional<Progress> readTaskProgress(std::string_view body) {
    const auto json = upstream::parseJson(body);
    if (!json || member(*json, "active") == nullptr || member(*json, "queued") == nullptr)
        return std::nullopt;
    Progress progress;
    if (flagAt(*json, "completed")) {
        progress.state = Progress::State::Ended;
    } else if (flagAt(*json, "active")) {
        progress.state = Progress::State::Active;
    } else if (flagAt(*json, "queued")) {
        progress.state = Progress::State::Queued;
    }
    if (const auto fraction = numberAt(*json, "progress"))
        progress.fraction = std::clamp(*fraction, 0.0, 1.0);
    progress.previewId = static_cast<std::int64_t>(
        std::clamp(numberAt(*json, "id_live_preview").value_or(-1), -1.0, 1e9));
    progress.preview = previewAt(*json, "live_preview");
    return progress;
}

std::optional<Progress> readGlobalProgress(std::string_view body) {
    const auto json = upstream::parseJson(body);
    const Json* state = json ? member(*json, "state") : nullptr;
    if (state == nullptr || !state->is_object() || !numberAt(*json, "progress"))
        return std::nullopt;
    Progress progress;
    if (const Json* stamp = member(*state, "job_timestamp"); stamp != nullptr && stamp->is_string())
        progress.timestamp = upstream::excerpt(stamp->get_ref<const std::string&>(), 40);
    progress.stopped = flagAt(*state, "interrupted") || flagAt(*state, "skipped");
    // While it prepares, job_count is -1 and the steps are those of the job before; back at 0 it is
    // about to answer, or has not begun: that says nothing.
    const double jobs = numberAt(*state, "job_count").value_or(0);
    if (jobs != 0) progress.state = Progress::State::Active;
    if (jobs > 0) {
        progress.fraction = std::clamp(*numberAt(*json, "progress"), 0.0, 1.0);
        progress.step = countAt(*state, "sampling_step");
        progress.steps = countAt(*state, "sampling_steps");
    }
    progress.preview = previewAt(*json, "current_image");
    return progress;
}

}  // namespace a1111
