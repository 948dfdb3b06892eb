#include "services/gallery/picture_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "support/text.hpp"

namespace host::services {

bool isPictureName(const std::string& name) {
    if (name.empty() || name.front() == '.') return false;
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos) return false;
    const std::string ending = toLower(name.substr(dot));
    return ending == ".png" || ending == ".jpg" || ending == ".jpeg" || ending == ".webp" ||
           ending == ".gif";
}

Error noPicture() {
    return {ErrorCode::NotFound, "There is no such picture."};
}

Result<std::unique_ptr<const http::Descriptor>> openPicture(
    const std::filesystem::path& outputDirectory, const std::string& name) {
    if (!isPictureName(name) || name.find('/') != std::string::npos ||
        name.find('\\') != std::string::npos || name.find('\0') != std::string::npos) {
        return noPicture();
    }
    auto file = std::make_unique<const http::Descriptor>(
        ::open((outputDirectory / name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file->get() < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
            return Error{ErrorCode::RefusingWork, "too many open files"};
        }
        return noPicture();
    }
    struct stat facts {};
    if (::fstat(file->get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return noPicture();
    return file;
}

}  // namespace host::services
