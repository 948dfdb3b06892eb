#include "services/common/service_key.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "http/response.hpp"
#include "support/ids.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBytes = 32;
constexpr std::size_t kShortest = 32;
constexpr std::size_t kLongest = 128;

Error fault(const fs::path& file, const std::string& what) {
    return {ErrorCode::Internal, "the service key " + file.string() + " " + what};
}

// Nothing when there is no such file.
std::optional<Result<std::string>> readKey(const fs::path& file) {
    const http::Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (opened.get() < 0) {
        if (errno == ENOENT) return std::nullopt;
        return fault(file, std::string("cannot be read: ") + std::strerror(errno));
    }
    struct stat state {};
    if (::fstat(opened.get(), &state) != 0 || !S_ISREG(state.st_mode)) {
        return fault(file, "is no file");
    }
    if (state.st_uid != ::geteuid() || (state.st_mode & 077) != 0) {
        return fault(file, "can be read by others: make it yours alone with chmod 600");
    }
    std::array<char, kLongest + 1> bytes{};
    const ssize_t got = ::read(opened.get(), bytes.data(), bytes.size());
    const std::string_view key =
        trim(std::string_view(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))));
    if (key.size() < kShortest || key.size() > kLongest || !isSaneCorrelationId(key)) {
        return fault(file, "holds no key: remove it, and a new one is made");
    }
    return std::string(key);
}

// Under its name only once it is whole; one that somebody else made first stays.
Status makeKey(const fs::path& file) {
    const fs::path draft = file.string() + "." + randomHex(8);
    const std::string key = randomHex(kBytes) + "\n";
    {
        const http::Descriptor made(
            ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (made.get() < 0 ||
            ::write(made.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size()) ||
            ::fsync(made.get()) != 0) {
            const std::string reason = std::strerror(errno);
            ::unlink(draft.c_str());
            return fault(file, "cannot be made: " + reason);
        }
    }
    const bool linked = ::link(draft.c_str(), file.c_str()) == 0 || errno == EEXIST;
    const std::string reason = std::strerror(errno);
    ::unlink(draft.c_str());
    if (!linked) return fault(file, "cannot be made: " + reason);
    return Unit{};
}

}  // namespace

Result<std::string> serviceKey(const fs::path& folder) {
    const fs::path file = folder / "service.key";
    if (auto key = readKey(file)) return std::move(*key);
    std::error_code ignored;
    fs::create_directories(folder, ignored);
    if (const Status made = makeKey(file); !made) return made.error();
    if (auto key = readKey(file)) return std::move(*key);
    return fault(file, "went away while it was read");
}

}  // namespace host::services
