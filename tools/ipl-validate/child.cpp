#include "child.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace validate {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMaxReport = 1 << 20;
constexpr size_t kMaxOutput = 400;

[[noreturn]] void failWithErrno(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

// The child's side: stdout and stderr go to `output`, the report to `reportFd`. Does not return,
// and runs no exit handlers of the parent or the plugin.
[[noreturn]] void runCheck(const Check& check, int reportFd, int output) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const rlimit noCore{0, 0};
    setrlimit(RLIMIT_CORE, &noCore);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    Report report;
    try {
        check(report);
    } catch (const CheckEnded& end) {
        report.outcome = end.outcome;
        report.note(end.message);
    } catch (const std::exception& error) {
        report.outcome = Outcome::kFail;
        report.note(std::string("ipl-validate: ") + error.what());
    }
    const Json json = {{"outcome", static_cast<int>(report.outcome)},
                       {"message", report.message},
                       {"facts", report.facts}};
    const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    for (size_t done = 0; done < text.size();) {
        const ssize_t n = write(reportFd, text.data() + done, text.size() - done);
        if (n <= 0) _exit(99);
        done += static_cast<size_t>(n);
    }
    _exit(0);
}

// What comes from the pipe until its end or the deadline; true at the end.
bool readAll(int fd, Clock::time_point deadline, std::string& text) {
    char buffer[4096];
    while (text.size() < kMaxReport) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd waiting{fd, POLLIN, 0};
        if (left <= 0) return false;
        if (poll(&waiting, 1, static_cast<int>(left)) <= 0) continue;
        const ssize_t n = read(fd, buffer, sizeof(buffer));
        if (n <= 0) return true;
        text.append(buffer, static_cast<size_t>(n));
    }
    return true;
}

std::string outputOf(int fd) {
    char buffer[kMaxOutput];
    const ssize_t n = pread(fd, buffer, sizeof(buffer), 0);
    std::string text(buffer, n > 0 ? static_cast<size_t>(n) : 0);
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

std::string endOf(int status) {
    if (WIFSIGNALED(status)) {
        return std::string("ended by signal ") + strsignal(WTERMSIG(status));
    }
    return "ended the process with exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Report runInChild(const std::string& name, std::chrono::milliseconds limit, const Check& check) {
    int ends[2];
    if (pipe(ends) != 0) failWithErrno("pipe");
    const int output = memfd_create("output", MFD_CLOEXEC);
    if (output < 0) failWithErrno("memfd_create");
    const auto start = Clock::now();
    const pid_t pid = fork();
    if (pid < 0) failWithErrno("fork");
    if (pid == 0) {
        close(ends[0]);
        runCheck(check, ends[1], output);
    }
    close(ends[1]);
    std::string text;
    const bool ended = readAll(ends[0], start + limit, text);
    if (!ended) kill(pid, SIGKILL);
    close(ends[0]);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }

    Report report;
    report.name = name;
    report.milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    const Json json = Json::parse(text, nullptr, false);
    const std::string written = outputOf(output);
    close(output);
    if (!ended) {
        report.outcome = Outcome::kTimeout;
        report.message = "did not end within " + std::to_string(limit.count()) + " ms";
    } else if (!json.is_object()) {
        report.outcome = Outcome::kCrash;
        report.message = endOf(status);
    } else {
        report.outcome = static_cast<Outcome>(json["outcome"].get<int>());
        report.message = json["message"];
        report.facts = json["facts"];
    }
    if (!written.empty()) report.warn("wrote to stdout or stderr: " + written);
    return report;
}

}  // namespace validate
