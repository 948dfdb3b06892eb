#include "plugins/scan_child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace host::plugins {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

int millisecondsUntil(Clock::time_point until) {
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

// 0, or an errno. The child has a process group of its own and nothing open but its output.
int spawn(const std::vector<std::string>& command, int output, pid_t& child) {
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string& word : command)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);

    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, output, 1);
    ::posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&files, 3);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    const int error =
        ::posix_spawn(&child, arguments[0], &files, &attributes, arguments.data(), environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&files);
    return error;
}

// Reads until the other end closes (true) or the time is up.
bool readAll(int from, Clock::time_point until, std::size_t maxOutput, std::string& output) {
    char piece[4096];
    for (;;) {
        pollfd ready{from, POLLIN, 0};
        const int polled = ::poll(&ready, 1, millisecondsUntil(until));
        if (polled < 0 && errno == EINTR) continue;
        if (polled <= 0) return false;
        const ssize_t got = ::read(from, piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return true;
        const std::size_t room = maxOutput - std::min(maxOutput, output.size());
        output.append(piece, std::min(room, static_cast<std::size_t>(got)));
        if (Clock::now() >= until) return false;
    }
}

// True when the child has ended; its status is collected then.
bool reap(pid_t child, Clock::time_point until, int& status) {
    for (;;) {
        const pid_t ended = ::waitpid(child, &status, WNOHANG);
        if (ended == child || (ended < 0 && errno != EINTR)) return true;
        if (Clock::now() >= until) return false;
        ::poll(nullptr, 0, 1);
    }
}

std::string signalName(int number) {
    const char* name = ::sigabbrev_np(number);
    return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(number);
}

}  // namespace

ChildEnd runChild(const std::vector<std::string>& command, milliseconds timeout,
                  std::size_t maxOutput) {
    ChildEnd end;
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        end.failure = std::string("could not be started: ") + std::strerror(errno);
        return end;
    }
    const auto until = Clock::now() + timeout;
    pid_t child = -1;
    const int error = spawn(command, ends[1], child);
    ::close(ends[1]);
    if (error != 0) {
        ::close(ends[0]);
        end.failure = std::string("could not be started: ") + std::strerror(error);
        return end;
    }
    int status = 0;
    const bool inTime =
        readAll(ends[0], until, maxOutput, end.output) && reap(child, until, status);
    ::close(ends[0]);
    if (!inTime) {
        ::kill(-child, SIGKILL);
        ::kill(child, SIGKILL);
        while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        end.failure = "did not end within " + std::to_string(timeout.count()) + " ms";
    } else if (WIFSIGNALED(status)) {
        end.failure = "died of " + signalName(WTERMSIG(status));
    } else if (WEXITSTATUS(status) != 0) {
        end.failure = "exited with status " + std::to_string(WEXITSTATUS(status));
    }
    return end;
}

}  // namespace host::plugins
