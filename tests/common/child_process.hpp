// A real program run by a test: its standard output line by line, its signals, its exit code.
// Killed and reaped when the object goes, and by the kernel should the test process die first.
// A program that ends while the test takes it for running fails the test: whoever expects the end
// asks for it, by signal(), or sees it, by wait(). So does a sanitizer's report in `errorFile`.
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
    void signal(int number);
    // The exit code, or 128 + the signal that ended it. Nothing when it still runs after `timeout`.
    std::optional<int> wait(std::chrono::milliseconds timeout);
    // Whether it runs; fails the test when it ended without the test's knowledge.
    bool expectRunning();
    // SIGKILL, then reaped. Fails the test as expectRunning() does.
    void kill();
    // The last lines of what it has written to `errorFile`.
    std::string errorsEnd() const;

  private:
    bool fill(std::chrono::steady_clock::time_point until);
    void failEnded(int code) const;
    std::string errors() const;
    void expectNoReport() const;

    const std::string name_;
    const std::filesystem::path errorFile_;
    const std::size_t errorsBefore_;  // size of errorFile_ when this program began
    bool asked_ = false;              // a signal was sent that may end it
    pid_t pid_ = -1;
    int pidFd_ = -1;
    int output_ = -1;
    std::string buffer_;
    std::optional<int> exitCode_;
};

}  // namespace test
