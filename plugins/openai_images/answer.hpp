// What servers of the images API answer, whole or as a stream of events, read without trusting a
// byte of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/sse_reader.hpp"
#include "common/upstream.hpp"
#include "ipl/error.hpp"

namespace openai_images {

// An answer holds pictures of the host's largest size in base64 with room to spare.
inline constexpr std::uint64_t kMaxAnswer = std::uint64_t{128} << 20;

// A picture that is there, or says where it is.
struct Drawn {
    std::string bytes;  // empty when it has to be fetched
    std::string url;
    std::string stats;  // a JSON object: revised prompt, what it cost, as far as that was told
};

// Which of the two an answer is shows in its first bytes, not in what was asked for: some servers
// ignore `stream`. Belongs to one thread; throws ipl::Error kBadOutput for what cannot be used,
// and the server's own failures in the stream.
class AnswerReader {
  public:
    using OnPreview = std::function<void(const std::string& bytes, int index)>;

    explicit AnswerReader(OnPreview onPreview);

    void feed(std::string_view piece);
    // At the end of the body: at least one picture.
    std::vector<Drawn> finish();

  private:
    enum class Kind { Unknown, Whole, Stream };
    void take(std::string_view piece);
    void onEvent(std::string_view data);

    OnPreview onPreview_;
    Kind kind_ = Kind::Unknown;
    std::string whole_;  // or the first bytes
    upstream::SseReader events_;
    std::vector<Drawn> drawn_;
};

// The Error of an answer that is no success.
ipl::Error failureOf(int status, std::string_view body, std::optional<std::string_view> retryAfter,
                     bool hadKey);

// The names that GET /v1/models lists, 200 at most.
std::vector<std::string> readModels(std::string_view body);

// `url` of an answer as an absolute one; empty when it is none that may be fetched. base: of the
// API.
std::string absoluteUrl(std::string_view url, std::string_view base);
// True when both are of the same scheme, host and port: only then the key goes along.
bool isSameServer(std::string_view url, std::string_view base);

}  // namespace openai_images
