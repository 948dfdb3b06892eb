#include "store/sqlite/open_rules.hpp"

#include <spdlog/spdlog.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

#include "store/sqlite/connection.hpp"
#include "store/sqlite/schema.hpp"

namespace host::store {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeaderSize = 100;
constexpr std::string_view kMagic("SQLite format 3\0", 16);
// What belongs to a database beside its file.
constexpr std::array<const char*, 3> kCompanions = {"-wal", "-shm", "-journal"};

Error refuse(const fs::path& database, const std::string& why) {
    return Error{ErrorCode::Internal, "the database " + database.string() + " " + why};
}

// The first bytes of an SQLite file: big-endian numbers at fixed places.
class Header {
  public:
    explicit Header(const std::array<unsigned char, kHeaderSize>& bytes) : bytes_(bytes) {}

    bool hasMagic() const { return std::memcmp(bytes_.data(), kMagic.data(), kMagic.size()) == 0; }
    std::uint64_t pageSize() const {
        const std::uint64_t stored = bytes_[16] * 256U + bytes_[17];
        return stored == 1 ? 65536 : stored;
    }
    bool hasSanePageSize() const {
        return pageSize() >= 512 && std::has_single_bit(pageSize()) && bytes_[21] == 64 &&
               bytes_[22] == 32 && bytes_[23] == 32;
    }
    std::uint32_t pageCount() const { return number(28); }
    // The page count is only valid when the last writer knew of it.
    bool hasPageCount() const { return pageCount() > 0 && number(24) == number(92); }
    std::uint32_t userVersion() const { return number(60); }
    std::uint32_t applicationId() const { return number(68); }

  private:
    std::uint32_t number(std::size_t at) const {
        return (std::uint32_t{bytes_[at]} << 24) | (std::uint32_t{bytes_[at + 1]} << 16) |
               (std::uint32_t{bytes_[at + 2]} << 8) | bytes_[at + 3];
    }
    std::array<unsigned char, kHeaderSize> bytes_;
};

fs::path companion(const fs::path& database, const char* suffix) {
    return fs::path(database.string() + suffix);
}

bool holdsBytes(const fs::path& file) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    return !error && size > 0;
}

// What stands between a path and a place inside an SQLite URI.
std::string uriPath(const fs::path& path) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string uri;
    for (const char c : path.string()) {
        if (c == '%' || c == '?' || c == '#') {
            const auto byte = static_cast<unsigned char>(c);
            uri += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
        } else {
            uri += c;
        }
    }
    return uri;
}

enum class Content { NoTables, OldSystem, Foreign, Damaged };

Content contentOf(const fs::path& database) {
    // Without a log beside it the file is the whole truth, and `immutable` leaves no trace.
    const bool alone = !holdsBytes(companion(database, "-wal"));
    const std::string uri =
        "file:" + uriPath(database) + (alone ? "?mode=ro&immutable=1" : "?mode=ro");
    auto connection = Connection::open(uri, {});
    if (!connection) return Content::Damaged;
    const std::string tables = (*connection)->askOnce("SELECT count(*) FROM sqlite_master");
    const std::string jobs = (*connection)
                                 ->askOnce(
                                     "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND "
                                     "lower(name) = 'jobs'");
    if ((*connection)->failed()) return Content::Damaged;
    if (jobs != "0") return Content::OldSystem;
    return tables == "0" ? Content::NoTables : Content::Foreign;
}

fs::path freeOldName(const fs::path& database) {
    fs::path name = database.string() + ".old";
    for (int i = 1; i < 10000 && fs::exists(fs::symlink_status(name)); ++i) {
        name = database.string() + ".old." + std::to_string(i);
    }
    return name;
}

Status putAside(const fs::path& database) {
    const fs::path old = freeOldName(database);
    std::error_code error;
    // The log first: a database without its log would be an older state of itself, and if we die in
    // between, the next start finds the file still at its place and moves the rest.
    for (const char* suffix : kCompanions) {
        const fs::path from = companion(database, suffix);
        if (!fs::exists(from)) continue;
        fs::rename(from, companion(old, suffix), error);
        if (error) return refuse(database, "cannot be put aside: " + error.message());
    }
    fs::rename(database, old, error);
    if (error) return refuse(database, "cannot be put aside: " + error.message());
    spdlog::warn(
        "{} holds another program's jobs table (the old system's): it was renamed to {} and a new "
        "database is begun",
        database.string(), old.string());
    return Unit{};
}

Status judgeHeader(const fs::path& database, const Header& header, std::uint64_t size,
                   int knownVersion) {
    if (!header.hasMagic()) {
        return refuse(database,
                      "is not an SQLite database, or its beginning is damaged; it was "
                      "left untouched");
    }
    if (!header.hasSanePageSize()) {
        return refuse(database, "is damaged (its header makes no sense); it was left untouched");
    }
    const bool hasLog =
        holdsBytes(companion(database, "-wal")) || holdsBytes(companion(database, "-journal"));
    const std::uint64_t expected = header.pageSize() * header.pageCount();
    if (!hasLog && header.hasPageCount() && size < expected) {
        return refuse(database, "is damaged (" + std::to_string(size) + " bytes instead of " +
                                    std::to_string(expected) + "); it was left untouched");
    }
    if (header.applicationId() == kApplicationId) {
        if (header.userVersion() > static_cast<std::uint32_t>(knownVersion)) {
            return newerVersionError(database.string(), header.userVersion(), knownVersion);
        }
        return Unit{};
    }
    switch (contentOf(database)) {
        case Content::NoTables:
            return Unit{};
        case Content::OldSystem:
            return putAside(database);
        case Content::Foreign:
            return refuse(database, "belongs to another program; it was left untouched");
        case Content::Damaged:
            break;
    }
    return refuse(database, "is damaged; it was left untouched");
}

}  // namespace

Status prepareDatabaseFile(const fs::path& database, int knownVersion) {
    std::error_code error;
    if (database.has_parent_path()) {
        fs::create_directories(database.parent_path(), error);
        if (error) {
            return refuse(database, "cannot be created: its folder: " + error.message());
        }
    }
    const fs::file_status status = fs::status(database, error);
    if (status.type() == fs::file_type::not_found) return Unit{};
    if (status.type() == fs::file_type::none) {
        return refuse(database, "cannot be reached: " + error.message());
    }
    if (status.type() == fs::file_type::directory) return refuse(database, "is a folder");
    if (status.type() != fs::file_type::regular) return refuse(database, "is not a regular file");

    if (::access(database.c_str(), R_OK) != 0) {
        return refuse(database, std::string("cannot be read: ") + std::strerror(errno));
    }
    if (::access(database.c_str(), W_OK) != 0) {
        return refuse(database, std::string("cannot be written: ") + std::strerror(errno));
    }
    const std::uint64_t size = fs::file_size(database, error);
    if (size == 0) return Unit{};

    std::array<unsigned char, kHeaderSize> bytes{};
    const int file = ::open(database.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return refuse(database, std::string("cannot be read: ") + std::strerror(errno));
    const ssize_t got = ::pread(file, bytes.data(), bytes.size(), 0);
    const int readError = errno;
    ::close(file);
    if (got < 0) return refuse(database, std::string("cannot be read: ") + strerror(readError));
    return judgeHeader(database, Header(bytes), size, knownVersion);
}

}  // namespace host::store
