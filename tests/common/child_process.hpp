// A real program run by a test: its standard output line by line, its signals, its exit code.
// Killed and reaped when the object goes, and by the kernel should the test process die first.
// Used by one thread, the one that started it. The constructor throws std::runtime_error.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace test {

struct ProcessOptions {
    std::vector<std::string> arguments;
    std::filesystem::path workingDirectory;  // empty: the test's own
    std::filesystem::path errorFile;         // standard error is appended; empty: the test's own
    std::vector<std::string> environment;    // NAME=VALUE, beside the test's own
};

class ChildProcess {
  public:
    ChildProcess(const std::filesystem::path& executable, const ProcessOptions& options);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    pid_t pid() const { return pid_; }
    // The next line without its end, or nothing when the output ended or the time was up.
    std::optional<std::string> readLine(std::chrono::milliseconds timeout);
    // What is left of the output, up to its end.
    std::string readRest(std::chrono::milliseconds timeout);
    void signal(int number) const;
    // The exit code, or 128 + the signal that ended it. Nothing when it still runs after `timeout`.
    std::optional<int> wait(std::chrono::milliseconds timeout);
    // SIGKILL, then reaped.
    void kill();

  private:
    bool fill(std::chrono::steady_clock::time_point until);

    pid_t pid_ = -1;
    int pidFd_ = -1;
    int output_ = -1;
    std::string buffer_;
    std::optional<int> exitCode_;
};

}  // namespace test
