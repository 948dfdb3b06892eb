#include "services/gallery/zip_stream.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <stdexcept>

#include "support/text.hpp"

namespace host::services {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBlock = 256 * 1024;
// A download may take this long, and as long as its bytes take at the slowest speed that is served.
constexpr std::chrono::minutes kPatience{10};
constexpr std::uint64_t kSlowestBytesPerSecond = 32 * 1024;

struct FreeArchive {
    void operator()(archive* made) const { archive_write_free(made); }
};
struct FreeEntry {
    void operator()(archive_entry* made) const { archive_entry_free(made); }
};

struct Sink {
    http::StreamWriter& writer;
    Clock::time_point deadline;
    bool gone = false;  // what is still written is dropped
    bool late = false;
};

la_ssize_t send(archive*, void* data, const void* bytes, std::size_t size) {
    Sink& sink = *static_cast<Sink*>(data);
    sink.late = sink.late || Clock::now() > sink.deadline;
    sink.gone =
        sink.gone || sink.late || !sink.writer.write({static_cast<const char*>(bytes), size});
    // Never a failure: after one the library would not free its buffers.
    return static_cast<la_ssize_t>(size);
}

class ZipWriter {
  public:
    explicit ZipWriter(Sink& sink) : sink_(sink), archive_(archive_write_new()) {
        check(archive_write_set_format_zip(archive_.get()));
        check(archive_write_zip_set_compression_store(archive_.get()));
        check(archive_write_set_format_option(archive_.get(), "zip", "hdrcharset", "UTF-8"));
        check(archive_write_set_bytes_per_block(archive_.get(), kBlock));
        check(archive_write_set_bytes_in_last_block(archive_.get(), 1));
        check(archive_write_open(archive_.get(), &sink_, nullptr, send, nullptr));
    }

    // Freeing an archive finishes it: of one that was broken off the client is not to hear more.
    ~ZipWriter() { sink_.gone = true; }
    ZipWriter(const ZipWriter&) = delete;
    ZipWriter& operator=(const ZipWriter&) = delete;

    void add(const std::string& name, int file, const struct stat& facts) {
        const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
        archive_entry_set_pathname_utf8(entry.get(), name.c_str());
        archive_entry_set_size(entry.get(), facts.st_size);
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        archive_entry_set_perm(entry.get(), 0644);
        archive_entry_set_mtime(entry.get(), facts.st_mtim.tv_sec, 0);
        check(archive_write_header(archive_.get(), entry.get()));
        auto left = static_cast<std::uint64_t>(facts.st_size);
        while (left > 0 && !sink_.gone) {
            const ssize_t got = ::read(file, buffer_.data(), std::min<std::uint64_t>(left, kBlock));
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) throw std::runtime_error(name + " was cut while it was read");
            if (archive_write_data(archive_.get(), buffer_.data(), static_cast<std::size_t>(got)) <
                0) {
                check(ARCHIVE_FATAL);
            }
            left -= static_cast<std::uint64_t>(got);
        }
        if (!sink_.gone) check(archive_write_finish_entry(archive_.get()));
    }

    void finish() { check(archive_write_close(archive_.get())); }

  private:
    // A client that is gone is no fault: `gone` says so and everybody stops.
    void check(int code) {
        if (code >= ARCHIVE_WARN || sink_.gone) return;
        const char* why = archive_error_string(archive_.get());
        throw std::runtime_error(std::string("the archive: ") + (why != nullptr ? why : "?"));
    }

    Sink& sink_;
    std::unique_ptr<archive, FreeArchive> archive_;
    std::string buffer_ = std::string(kBlock, '\0');
};

}  // namespace

void streamZip(const std::filesystem::path& folder, const std::vector<ZipPicture>& pictures,
               http::StreamWriter& writer) {
    std::uint64_t bytes = 0;
    for (const ZipPicture& picture : pictures)
        bytes += picture.size;
    Sink sink{writer,
              Clock::now() + kPatience + std::chrono::seconds(bytes / kSlowestBytesPerSecond)};
    ZipWriter zip(sink);
    for (const ZipPicture& picture : pictures) {
        sink.gone = sink.gone || writer.clientGone();
        if (sink.gone) break;
        const std::filesystem::path path = folder / picture.filename;
        const http::Descriptor file(
            ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
        struct stat facts = {};
        if (file.get() < 0 || ::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
            throw std::runtime_error(picture.filename + " cannot be read any more");
        }
        zip.add(picture.entryName, file.get(), facts);
    }
    if (!sink.gone) zip.finish();
    if (sink.late) throw std::runtime_error("the client takes a ZIP archive too slowly");
}

}  // namespace host::services
