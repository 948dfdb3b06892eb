#include "pipeline/result_log.hpp"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "support/text.hpp"

namespace host::pipeline {

namespace {

constexpr char kHeader[] = "timestamp,endpoint,prompt,seed,filename,duration,status,error\r\n";
constexpr int kBatch = 256;
constexpr std::chrono::seconds kRetry{5};

class File {
  public:
    explicit File(const std::filesystem::path& path)
        : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {}
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    bool isOpen() const { return fd_ >= 0; }
    off_t size() const {
        struct stat info {};
        return ::fstat(fd_, &info) == 0 ? info.st_size : -1;
    }
    // All or nothing: what a full disk cut off is taken back.
    bool append(const std::string& text) const {
        const off_t before = size();
        std::size_t done = 0;
        while (done < text.size()) {
            const ssize_t n = ::write(fd_, text.data() + done, text.size() - done);
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) {
                const int why = errno;
                if (before >= 0 && ::ftruncate(fd_, before) != 0) {
                    spdlog::error("result log: a cut-off row cannot be taken back");
                }
                errno = why;
                return false;
            }
            done += static_cast<std::size_t>(n);
        }
        return ::fdatasync(fd_) == 0;
    }
    std::string tail(std::size_t bytes) const {
        const off_t all = size();
        const off_t from = std::max<off_t>(0, all - static_cast<off_t>(bytes));
        std::string text(static_cast<std::size_t>(std::max<off_t>(0, all - from)), '\0');
        const ssize_t got = ::pread(fd_, text.data(), text.size(), from);
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    }

  private:
    int fd_;
};

}  // namespace

std::string resultLine(double time, const std::string& endpoint, const std::string& prompt,
                       std::optional<std::int64_t> seed, const std::string& filename,
                       double duration, const std::string& error) {
    const bool success = error.empty();
    return fmt::format("{},{},{},{},{},{:.3f},{},{}", isoTime(time), csvField(endpoint),
                       csvField(prompt), seed ? std::to_string(*seed) : "", csvField(filename),
                       duration, success ? "Success" : "Failed", csvField(error));
}

ResultLog::ResultLog(store::JobStore& store, const std::filesystem::path& directory)
    : store_(store), file_(directory / "generation_log.csv") {}

ResultLog::~ResultLog() {
    stop();
}

void ResultLog::start() {
    thread_ = std::thread([this] { loop(); });
}

void ResultLog::wake() {
    const MutexLock lock(mutex_);
    woken_ = true;
    condition_.notifyOne();
}

void ResultLog::stop() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
        condition_.notifyOne();
    }
    if (thread_.joinable()) thread_.join();
}

void ResultLog::loop() {
    bool more = true;
    while (true) {
        if (more) more = moveLines();
        if (more) continue;
        const MutexLock lock(mutex_);
        const auto until = std::chrono::steady_clock::now() + kRetry;
        while (!woken_ && !stopping_ && condition_.waitUntil(mutex_, until)) {
        }
        if (stopping_ && !woken_) return;
        woken_ = false;
        more = true;
    }
}

bool ResultLog::moveLines() {
    const auto lines = store_.resultLines(kBatch);
    if (!lines || lines->empty()) return false;
    const File file(file_);
    std::string text;
    if (file.isOpen()) {
        if (file.size() == 0) text = kHeader;
        std::size_t length = 0;
        for (const store::ResultLine& line : *lines)
            length += line.line.size() + 2;
        // After a crash the first lines may have reached the file before the database learnt of it.
        const std::string tail = first_ ? file.tail(length) : std::string();
        for (const store::ResultLine& line : *lines) {
            const std::string row = line.line + "\r\n";
            if (first_ && tail.find(row) != std::string::npos) continue;
            text += row;
        }
    }
    if (!file.isOpen() || !file.append(text)) {
        first_ = true;  // some of it may stand there all the same
        spdlog::error("result log: {} cannot be written: {}; trying again in {} s",
                      file_.filename().string(), std::strerror(errno), kRetry.count());
        return false;
    }
    store::ChangeSet change;
    for (const store::ResultLine& line : *lines)
        change.writtenResultLines.push_back(line.id);
    if (!store_.commitAndWait(std::move(change))) {
        first_ = true;  // the next round has to look what is in the file
        return false;
    }
    first_ = false;
    return lines->size() == static_cast<std::size_t>(kBatch);
}

}  // namespace host::pipeline
