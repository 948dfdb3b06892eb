#include "imaging/stamp_output.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace host::imaging {

namespace {

constexpr std::size_t kBuffer = 256 * 1024;

}  // namespace

void StampOutput::write(std::string_view bytes) {
    while (status_ && !bytes.empty()) {
        const ssize_t written = ::write(to_, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == ENOSPC || errno == EDQUOT) {
            status_ = Error{ErrorCode::RefusingWork, "the disk is full"};
        } else if (errno != EINTR) {
            status_ = Error{ErrorCode::Internal,
                            std::string("the picture cannot be written: ") + std::strerror(errno)};
        }
    }
}

void StampOutput::copy(std::uint64_t begin, std::uint64_t end) {
    if (buffer_.empty()) buffer_.resize(kBuffer);
    while (status_ && begin < end) {
        const auto wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), end - begin));
        const std::size_t got = from_.read(begin, buffer_.data(), wanted);
        if (got == 0) {
            status_ = Error{ErrorCode::Internal, "the picture cannot be read again"};
            return;
        }
        write({buffer_.data(), got});
        begin += got;
    }
}

}  // namespace host::imaging
