#include "plugins/scan.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>

#include "plugins/library.hpp"
#include "plugins/scan_cache.hpp"
#include "plugins/scan_child.hpp"
#include "support/sync.hpp"

namespace host::plugins {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxOutput = 1024 * 1024;
constexpr std::size_t kMaxAtOnce = 8;

Error fault(std::string message) {
    return {ErrorCode::Validation, std::move(message)};
}

Result<EntryInfo> scanInChild(const fs::path& file, const ScanOptions& options) {
    if (auto status = Library::checkFile(file); !status) return status.error();
    const ChildEnd end = runChild({options.executable.string(), "--scan-plugin", file.string()},
                                  options.timeout, kMaxOutput);
    if (!end.failure.empty()) {
        return fault("the process that loaded it on trial " + end.failure);
    }
    const Json verdict = Json::parse(end.output, nullptr, false);
    if (!verdict.is_object()) {
        return fault("the process that loaded it on trial ended before it was done");
    }
    if (const auto wrong = verdict.find("fault"); wrong != verdict.end() && wrong->is_string()) {
        return fault(wrong->get<std::string>());
    }
    return entryInfoFromJson(verdict.value("info", Json()));
}

}  // namespace

int scanMain(const fs::path& file) {
    // The parent's death ends this process too, a crash leaves no core file, and what the plugin
    // prints cannot be taken for the verdict.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const rlimit noCore{0, 0};
    ::setrlimit(RLIMIT_CORE, &noCore);
    const int output = ::dup(1);
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(nowhere, 1);

    Json verdict;
    auto library = Library::open(fs::absolute(file), {});
    if (library) {
        verdict["info"] = toJson((*library)->info());
        (*library)->deinit();
    } else {
        verdict["fault"] = library.error().message;
    }
    const std::string text = verdict.dump(-1, ' ', false, Json::error_handler_t::replace);
    std::string_view rest = text;
    while (!rest.empty()) {
        const ssize_t written = ::write(output, rest.data(), rest.size());
        if (written <= 0) break;
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    // Without the static destructors of the plugin: the host never runs them either.
    ::_exit(rest.empty() ? 0 : 1);
}

Verdicts scanFiles(const std::vector<fs::path>& files, const ScanOptions& options) {
    Verdicts verdicts;
    ScanCache cache(options.cacheFile);
    struct Job {
        fs::path file;
        std::string stamp;
        Result<EntryInfo> verdict = fault("it was not scanned");
    };
    std::vector<Job> jobs;
    for (const fs::path& file : files) {
        if (verdicts.contains(file)) continue;
        if (auto known = cache.find(file)) {
            verdicts.emplace(file, std::move(*known));
        } else {
            jobs.push_back({file, ScanCache::stampOf(file)});
            verdicts.emplace(file, fault("it was not scanned"));
        }
    }
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < jobs.size(); i = next++) {
            jobs[i].verdict = scanInChild(jobs[i].file, options);
        }
    };
    std::vector<std::thread> workers;
    for (std::size_t i = 1; i < std::min(jobs.size(), kMaxAtOnce); ++i)
        workers.emplace_back(work);
    work();
    for (std::thread& worker : workers)
        worker.join();
    for (Job& job : jobs) {
        if (job.verdict.ok()) cache.put(job.file, job.stamp, *job.verdict);
        verdicts.insert_or_assign(job.file, std::move(job.verdict));
    }
    cache.save();
    return verdicts;
}

}  // namespace host::plugins
