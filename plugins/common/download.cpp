#include "common/download.hpp"

#include <charconv>
#include <cstdint>
#include <optional>

namespace upstream {

namespace {

constexpr std::uint64_t kMaxPicture = std::uint64_t{256} << 20;
constexpr std::size_t kMaxErrorBody = 64 * 1024;
// Between two pieces of a picture that the backend has already made.
constexpr std::chrono::milliseconds kSilence{30000};

std::uint64_t lengthOf(const ipl::HttpResponse& response) {
    auto text = response.header("content-length").value_or("");
    std::uint64_t length = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    return error == std::errc() ? length : 0;
}

}  // namespace

void download(const ipl::HttpClient& http, ipl::Call& call, ipl::HttpRequest get,
              ipl::PictureInfo info, const RefusalOf& refusal) {
    get.maxResponse = kMaxPicture;
    get.idleTimeout = kSilence;
    std::optional<ipl::Picture> picture;
    std::string mime;
    std::string errorBody;
    bool good = false;
    auto response = http.stream(
        call, get,
        [&](std::string_view piece) {
            if (!good) {
                errorBody.append(piece);
                return errorBody.size() <= kMaxErrorBody;
            }
            if (!picture) picture.emplace(call.beginPicture(info));
            picture->write(piece);
            return true;
        },
        [&](const ipl::HttpResponse& head) {
            good = head.ok();
            mime = head.header("content-type").value_or("");
            info.mime = mime;
            info.sizeHint = lengthOf(head);
            return true;
        });
    if (!good)
        throw ipl::Error(ipl::Status::kBadOutput,
                         "the finished picture could not be fetched: " +
                             refusal(response.status, errorBody).message());
    if (!picture) throw ipl::Error(ipl::Status::kBadOutput, "the finished picture is empty");
    picture->commit();
}

}  // namespace upstream
