#include "services/picture_field.hpp"

#include <algorithm>
#include <utility>

#include "imaging/orientation.hpp"
#include "imaging/pixels.hpp"
#include "services/generator/request_limits.hpp"
#include "support/base64.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

constexpr int kLying = 5;                    // EXIF orientations from here on swap width and height
constexpr std::size_t kLongestPrefix = 200;  // of a data URL, up to its comma

Result<std::string> decoded(RawFields& fields, const std::string& field) {
    if (!fields.imageBytes.empty()) return std::move(fields.imageBytes);
    std::string bytes = std::move(fields.imageText);
    std::string_view text = std::string_view(bytes).substr(fields.imageTextBegin);
    if (iequals(text.substr(0, 5), "data:")) {
        const std::size_t comma = text.find(',');
        if (comma > kLongestPrefix ||  // also when there is none
            toLower(text.substr(0, comma)).find(";base64") == std::string::npos) {
            return Error{ErrorCode::InvalidImageFormat,
                         field + ": the data URL does not hold base64 data."};
        }
        text.remove_prefix(comma + 1);
    }
    if (!base64DecodeInPlace(bytes, bytes.size() - text.size())) {
        return Error{ErrorCode::InvalidImageFormat, field + ": this is not valid base64."};
    }
    return bytes;
}

}  // namespace

Result<GivenPicture> takePicture(RawFields& fields, const std::string& field) {
    auto bytes = decoded(fields, field);
    if (!bytes) return bytes.error();
    if (bytes->size() > kMaxPictureBytes) {
        return Error{ErrorCode::ImageTooLarge,
                     field + ": the picture has " + std::to_string(bytes->size()) +
                         " bytes; at most 10 MB (10485760 bytes) are allowed."};
    }
    auto info = readImageInfo(*bytes);
    if (!info) {
        return Error{ErrorCode::InvalidImageFormat,
                     field + ": only JPEG, PNG, WebP and GIF pictures are accepted."};
    }
    if (std::uint64_t{info->width} * info->height > imaging::kMaxPixels ||
        std::max(info->width, info->height) > imaging::kMaxSide) {
        return Error{ErrorCode::ImageTooLarge,
                     field + ": the picture has " + std::to_string(info->width) + " x " +
                         std::to_string(info->height) + " pixels; at most " +
                         std::to_string(imaging::kMaxPixels / 1'000'000) + " megapixels and " +
                         std::to_string(imaging::kMaxSide) + " a side are allowed."};
    }
    if (imaging::orientationOf(*bytes) >= kLying) std::swap(info->width, info->height);
    return GivenPicture{std::move(*bytes), *info};
}

}  // namespace host::services
