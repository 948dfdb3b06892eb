#include "openai_images/answer.hpp"

#include <algorithm>

#include "common/base64.hpp"
#include "common/words.hpp"

namespace openai_images {

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;
using upstream::speaksOf;

constexpr std::size_t kMaxPictures = 16;
constexpr std::size_t kMaxModels = 200;
constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxUrl = 8000;

const std::string& textAt(const Json& object, const char* name) {
    static const std::string none;
    if (!object.is_object()) return none;
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get_ref<const std::string&>()
                                                       : none;
}

// What is worth keeping beside a picture. `about` is the whole answer or the event.
std::string statsOf(const Json& about, const Json& picture) {
    Json stats = Json::object();
    for (const char* const name : {"size", "quality", "background", "output_format", "model"}) {
        if (const std::string& text = textAt(about, name); !text.empty())
            stats[name] = upstream::excerpt(text, kMaxName);
    }
    if (const std::string& text = textAt(picture, "revised_prompt"); !text.empty())
        stats["revised_prompt"] = upstream::excerpt(text, 4000);
    if (const auto usage = about.find("usage"); usage != about.end() && usage->is_object()) {
        Json counts = Json::object();
        for (const char* const name : {"input_tokens", "output_tokens", "total_tokens"}) {
            const auto count = usage->find(name);
            if (count != usage->end() && count->is_number_integer()) counts[name] = *count;
        }
        if (!counts.empty()) stats["usage"] = std::move(counts);
    }
    return upstream::dump(stats);
}

std::string decoded(const std::string& base64) {
    auto bytes = upstream::fromBase64(base64);
    if (!bytes || bytes->empty())
        throw Error(Status::kBadOutput, "the server sent a picture that is not base64");
    return std::move(*bytes);
}

Drawn drawnOf(const Json& about, const Json& picture) {
    Drawn drawn;
    drawn.stats = statsOf(about, picture);
    if (const std::string& base64 = textAt(picture, "b64_json"); !base64.empty()) {
        drawn.bytes = decoded(base64);
    } else {
        drawn.url = textAt(picture, "url");
    }
    if (drawn.bytes.empty() && drawn.url.empty())
        throw Error(Status::kBadOutput, "the server's answer holds neither b64_json nor a url");
    return drawn;
}

struct Words {
    std::string text;  // for people
    std::string code;  // `code` and `type` of the error
};

Words wordsOf(std::string_view body) {
    Words words{upstream::errorBodyText(body), {}};
    const auto json = upstream::parseJson(body);
    if (!json || !json->is_object()) return words;
    const auto error = json->find("error");
    if (error != json->end() && error->is_object())
        words.code = textAt(*error, "code") + " " + textAt(*error, "type");
    return words;
}

Status statusOf(int code, const Words& words) {
    const Status status = upstream::refusalStatus(code, words.text);
    if (status == Status::kOutOfMemory) return status;
    // Asking again costs and changes nothing; another endpoint may do it.
    if (speaksOf(words.code, "billing") || speaksOf(words.code, "quota")) return Status::kUpstream;
    if (speaksOf(words.code, "model_not_found")) return Status::kUnsupported;
    return code == 413 ? Status::kTooLarge : status;
}

// An event carries no status code: what the request is to blame for has a word for it.
Status statusInStream(const Words& words) {
    for (const char* const blame :
         {"invalid_request", "validation", "moderation", "policy", "user_error"}) {
        if (speaksOf(words.code, blame)) return Status::kUnsupported;
    }
    return statusOf(500, words);
}

}  // namespace

AnswerReader::AnswerReader(OnPreview onPreview)
    : onPreview_(std::move(onPreview)),
      events_([this](std::string_view, std::string_view data) { onEvent(data); }, {}, kMaxAnswer) {}

void AnswerReader::feed(std::string_view piece) {
    if (kind_ == Kind::Unknown) {
        whole_ += piece;
        const std::size_t first = whole_.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
        if (first == std::string::npos) {
            if (whole_.size() > kMaxName) throw Error(Status::kBadOutput, "the answer is blank");
            return;
        }
        kind_ = whole_[first] == '{' || whole_[first] == '[' || whole_[first] == '<' ? Kind::Whole
                                                                                     : Kind::Stream;
        if (kind_ == Kind::Stream) events_.feed(std::exchange(whole_, {}));
        return;
    }
    if (kind_ == Kind::Stream) return events_.feed(piece);
    if (piece.size() > kMaxAnswer - whole_.size())
        throw Error(Status::kBadOutput, "the server's answer has no end (over 128 MiB)");
    whole_ += piece;
}

void AnswerReader::onEvent(std::string_view data) {
    if (data == "[DONE]") return;
    const auto json = upstream::parseJson(data);
    if (!json || !json->is_object()) return;  // an event of a newer API
    const std::string type = textAt(*json, "type");
    if (type.ends_with(".partial_image")) {
        const auto index = json->find("partial_image_index");
        const int number =
            index != json->end() && index->is_number_integer()
                ? static_cast<int>(std::clamp<std::int64_t>(index->get<std::int64_t>(), 0, 100))
                : 0;
        if (auto bytes = upstream::fromBase64(textAt(*json, "b64_json")); bytes && !bytes->empty())
            onPreview_(*bytes, number);
    } else if (type.ends_with(".completed")) {
        if (drawn_.size() < kMaxPictures) drawn_.push_back(drawnOf(*json, *json));
    } else if (type == "error" || type.ends_with(".failed") || json->contains("error")) {
        const Words words = wordsOf(data);
        throw Error(statusInStream(words), "the server gave up in mid-answer: " + words.text);
    }
}

std::vector<Drawn> AnswerReader::finish() {
    if (kind_ == Kind::Stream) {
        events_.finish();
        if (drawn_.empty())
            throw Error(Status::kBadOutput, "the server's stream ended without a picture");
        return std::move(drawn_);
    }
    const auto json = upstream::parseJson(whole_);
    if (!json || !json->is_object())
        throw Error(Status::kBadOutput,
                    "the server's answer is not a JSON object: " + upstream::excerpt(whole_));
    const auto data = json->find("data");
    if (data == json->end() || !data->is_array() || data->empty()) {
        if (json->contains("error"))
            throw Error(Status::kUpstream,
                        "the server reported a failure: " + wordsOf(whole_).text);
        throw Error(Status::kBadOutput, "the server's answer holds no pictures");
    }
    for (const Json& picture : *data) {
        if (drawn_.size() == kMaxPictures) break;
        drawn_.push_back(drawnOf(*json, picture));
    }
    return std::move(drawn_);
}

Error failureOf(int status, std::string_view body, std::optional<std::string_view> retryAfter,
                bool hadKey) {
    const Words words = wordsOf(body);
    const std::string said = words.text.empty() ? "" : ": " + words.text;
    if (status == 401 || status == 403)
        return Error(
            Status::kUpstream,
            (hadKey ? "the server refused the api_key" : "the server asks for an api_key") + said,
            "/api_key");
    const bool quota = speaksOf(words.code, "quota") || speaksOf(words.code, "billing");
    if ((status == 429 || status == 503) && !quota)
        return upstream::errorOf("the server", status, body, retryAfter);
    if (status == 404 && statusOf(status, words) != Status::kUnsupported)
        return Error(Status::kUpstream, "the server has no images API at \"url\" (404)" + said);
    return Error(statusOf(status, words), "the server answered " + std::to_string(status) + said);
}

std::vector<std::string> readModels(std::string_view body) {
    std::vector<std::string> names;
    const auto json = upstream::parseJson(body);
    const auto data = json && json->is_object() ? json->find("data") : Json::const_iterator();
    if (!json || !json->is_object() || data == json->end() || !data->is_array()) return names;
    for (const Json& model : *data) {
        if (names.size() == kMaxModels) break;
        if (const std::string id = textAt(model, "id"); !id.empty())
            names.push_back(upstream::excerpt(id, kMaxName));
    }
    return names;
}

bool isSameServer(std::string_view url, std::string_view base) {
    const auto server = [](std::string_view text) {
        const std::size_t begin = text.find("://");
        return begin == text.npos ? text : text.substr(0, text.find('/', begin + 3));
    };
    return server(url) == server(base);
}

std::string absoluteUrl(std::string_view url, std::string_view base) {
    const bool clean = std::ranges::none_of(
        url, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; });
    if (!clean || url.empty() || url.size() > kMaxUrl || url.starts_with("//")) return {};
    if (url.starts_with("http://") || url.starts_with("https://")) return std::string(url);
    if (!url.starts_with('/')) return {};
    const std::size_t path = base.find('/', base.find("://") + 3);
    return std::string(base.substr(0, path)) + std::string(url);
}

}  // namespace openai_images
