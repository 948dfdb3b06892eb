#include "common/child_process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

extern char** environ;

namespace test {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kErrorsShown = 4000;

std::size_t sizeOf(const std::filesystem::path& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    return error ? 0 : size;
}

int millisecondsLeft(Clock::time_point until) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    return left < 0 ? 0 : static_cast<int>(left);
}

bool readable(int fd, Clock::time_point until) {
    pollfd wait{fd, POLLIN, 0};
    int ready = -1;
    do {
        ready = ::poll(&wait, 1, millisecondsLeft(until));
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

}  // namespace

ChildProcess::ChildProcess(const std::filesystem::path& executable, const ProcessOptions& options)
    : name_(executable.filename().string()),
      errorFile_(options.errorFile),
      errorsBefore_(sizeOf(options.errorFile)) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe for a child's output");
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!options.errorFile.empty()) {
        ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, options.errorFile.c_str(),
                                           O_WRONLY | O_CREAT | O_APPEND, 0644);
    }
    if (!options.workingDirectory.empty()) {
        ::posix_spawn_file_actions_addchdir_np(&actions, options.workingDirectory.c_str());
    }
    // A test that is killed, by ctest's time limit for one, must not leave programs behind.
    std::vector<std::string> words{"setpriv", "--pdeathsig", "KILL", "--"};
    // Through env(1): what is preloaded must not reach the programs before.
    if (!options.environment.empty()) {
        words.emplace_back("env");
        words.insert(words.end(), options.environment.begin(), options.environment.end());
    }
    words.push_back(executable.string());
    words.insert(words.end(), options.arguments.begin(), options.arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const int failed =
        ::posix_spawnp(&pid_, words[0].c_str(), &actions, nullptr, pointers.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    output_ = ends[0];
    if (failed != 0) {
        ::close(output_);
        throw std::runtime_error("cannot start " + executable.string() + ": " +
                                 std::generic_category().message(failed));
    }
    pidFd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
}

ChildProcess::~ChildProcess() {
    kill();
    expectNoReport();
    ::close(output_);
    if (pidFd_ >= 0) ::close(pidFd_);
}

bool ChildProcess::fill(Clock::time_point until) {
    if (!readable(output_, until)) return false;
    char bytes[4096];
    const ssize_t got = ::read(output_, bytes, sizeof bytes);
    if (got <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(got));
    return true;
}

std::optional<std::string> ChildProcess::readLine(std::chrono::milliseconds timeout) {
    const auto until = Clock::now() + timeout;
    while (true) {
        if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
            std::string line = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            return line;
        }
        if (!fill(until)) return std::nullopt;
    }
}

std::string ChildProcess::readRest(std::chrono::milliseconds timeout) {
    const auto until = Clock::now() + timeout;
    while (fill(until)) {
    }
    return std::move(buffer_);
}

void ChildProcess::signal(int number) {
    if (exitCode_) return;
    asked_ = asked_ || (number != SIGSTOP && number != SIGCONT);
    ::kill(pid_, number);
}

std::optional<int> ChildProcess::wait(std::chrono::milliseconds timeout) {
    if (exitCode_) return exitCode_;
    if (!readable(pidFd_, Clock::now() + timeout)) return std::nullopt;
    int status = 0;
    if (::waitpid(pid_, &status, 0) != pid_) return std::nullopt;
    exitCode_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return exitCode_;
}

bool ChildProcess::expectRunning() {
    if (exitCode_) return false;
    if (!wait(std::chrono::milliseconds(0))) return true;
    if (!asked_) failEnded(*exitCode_);
    return false;
}

void ChildProcess::kill() {
    if (!expectRunning()) return;
    const bool asked = std::exchange(asked_, true);
    ::kill(pid_, SIGKILL);
    const auto code = wait(std::chrono::seconds(30));
    // Between the look and the signal.
    if (code && *code != 128 + SIGKILL && !asked) failEnded(*code);
}

void ChildProcess::failEnded(int code) const {
    ADD_FAILURE() << name_ << " (" << pid_ << ") ended unasked, with code " << code << ":\n"
                  << errorsEnd();
}

std::string ChildProcess::errors() const {
    std::ifstream in(errorFile_, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(errorsBefore_));
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string ChildProcess::errorsEnd() const {
    std::string text = errors();
    if (text.size() > kErrorsShown) text.erase(0, text.size() - kErrorsShown);
    return text;
}

void ChildProcess::expectNoReport() const {
    const std::string text = errors();
    for (const char* const mark : {"Sanitizer", "runtime error:"}) {
        const std::size_t at = text.find(mark);
        if (at == std::string::npos) continue;
        ADD_FAILURE() << name_ << " (" << pid_ << ") reports:\n"
                      << text.substr(at - std::min<std::size_t>(at, 200), 2 * kErrorsShown);
        return;
    }
}

}  // namespace test
