#include "services/calls/picture_part.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>

#include "services/gallery/picture_file.hpp"

namespace host::services {

namespace {

std::optional<std::uint64_t> sizeOf(const http::Descriptor& file) {
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0) return std::nullopt;
    return static_cast<std::uint64_t>(facts.st_size);
}

}  // namespace

std::optional<std::uint64_t> pictureSize(const std::filesystem::path& folder,
                                         const std::string& name) {
    const auto file = openPicture(folder, name);
    return file ? sizeOf(**file) : std::nullopt;
}

std::string readPicturePart(const std::filesystem::path& folder, const std::string& name,
                            std::uint64_t length, std::uint64_t offset, std::size_t count) {
    const auto file = openPicture(folder, name);
    if (!file || sizeOf(**file) != length) throw std::runtime_error(name + " has changed");
    std::string part(count, '\0');
    std::size_t have = 0;
    while (have < count) {
        const ssize_t got = ::pread((*file)->get(), part.data() + have, count - have,
                                    static_cast<off_t>(offset + have));
        if (got <= 0) throw std::runtime_error(name + " cannot be read");
        have += static_cast<std::size_t>(got);
    }
    return part;
}

}  // namespace host::services
