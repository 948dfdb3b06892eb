#include "support/process_figures.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "support/clock.hpp"
#include "support/metrics.hpp"

namespace host {

namespace {

// Small files of /proc; empty when there is none.
std::string contentOf(const char* path) {
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return "";
    std::array<char, 8192> bytes{};
    const ssize_t got = ::read(fd, bytes.data(), bytes.size());
    ::close(fd);
    return got > 0 ? std::string(bytes.data(), static_cast<std::size_t>(got)) : std::string();
}

double numberAt(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// The n-th field of /proc/self/stat, as proc(5) counts them, from the third on: the second may hold
// anything.
double statField(std::string_view stat, int n) {
    stat.remove_prefix(std::min(stat.rfind(") ") + 2, stat.size()));
    for (int at = 3; at < n; ++at)
        stat.remove_prefix(std::min(stat.find(' ') + 1, stat.size()));
    return numberAt(stat);
}

std::optional<double> openDescriptors() {
    // Newer kernels say it without a walk over all of them.
    struct stat folder {};
    if (::stat("/proc/self/fd", &folder) == 0 && folder.st_size > 0) {
        return static_cast<double>(folder.st_size);
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> opened(::opendir("/proc/self/fd"), ::closedir);
    if (!opened) return std::nullopt;
    double count = 0;
    while (const dirent* entry = ::readdir(opened.get()))
        count += entry->d_name[0] == '.' ? 0 : 1;
    return count - 1;  // the folder's own
}

// In seconds since the epoch. Fixed at the first look: the clock may be set later.
double startTime(std::string_view stat, double ticks) {
    static const double start = [&] {
        timespec up{};
        ::clock_gettime(CLOCK_BOOTTIME, &up);
        const double uptime =
            static_cast<double>(up.tv_sec) + static_cast<double>(up.tv_nsec) / 1e9;
        return epochNow() - uptime + statField(stat, 22) / ticks;
    }();
    return start;
}

}  // namespace

void writeProcessFigures(MetricsText& text) {
    const std::string stat = contentOf("/proc/self/stat");
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
    text.single(MetricKind::Counter, "process_cpu_seconds_total",
                "Processor time spent, in user and kernel mode.",
                (statField(stat, 14) + statField(stat, 15)) / ticks);
    text.single(MetricKind::Gauge, "process_resident_memory_bytes", "Resident memory.",
                statField(stat, 24) * page);
    text.single(MetricKind::Gauge, "process_virtual_memory_bytes", "Virtual memory.",
                statField(stat, 23));
    text.single(MetricKind::Gauge, "process_threads", "Threads of the process.",
                statField(stat, 20));
    text.single(MetricKind::Gauge, "process_start_time_seconds",
                "When the process was started, in seconds since the epoch.",
                startTime(stat, ticks));
    if (const auto open = openDescriptors()) {
        text.single(MetricKind::Gauge, "process_open_fds", "Open file descriptors.", *open);
    }
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        text.single(MetricKind::Gauge, "process_max_fds", "Most file descriptors it may open.",
                    static_cast<double>(limit.rlim_cur));
    }
}

}  // namespace host
