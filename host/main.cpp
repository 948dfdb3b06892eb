// The process: command line, signals, exit codes. Everything else is Application's.
#include <getopt.h>
#include <malloc.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <string>
#include <thread>

#include "application.hpp"
#include "plugins/scan.hpp"
#include "support/leak_check.hpp"
#include "support/version.hpp"

namespace {

constexpr char kUsage[] =
    R"(Usage: image-pipeline [--config FILE] [--check-config]

  --config FILE   the configuration; default: config.json in the working directory
  --check-config  report every fault of the configuration and of the plugins it names, then exit
  --version       print the version and exit
  --help          print this and exit

Standard output carries one line per service, "<name> <url>", then "ready". The log goes to standard
error. SIGTERM or SIGINT ends the host: running items get shutdown_grace_seconds, the rest goes on at
the next start; a second signal ends it at once, and nothing is lost.

Exit codes: 0 ended as asked, 64 wrong command line, 69 cannot start (a port in use, a database that
cannot be opened), 78 faults in the configuration.
)";

struct Arguments {
    std::string config = "config.json";
    std::string scan;
    bool checkOnly = false;
};

// The exit code when the process is to end here, else -1.
int parse(int argc, char** argv, Arguments& arguments) {
    enum { Config = 256, Check, Scan, Version, Help };
    static const option kOptions[] = {{"config", required_argument, nullptr, Config},
                                      {"check-config", no_argument, nullptr, Check},
                                      {"scan-plugin", required_argument, nullptr, Scan},
                                      {"version", no_argument, nullptr, Version},
                                      {"help", no_argument, nullptr, Help},
                                      {nullptr, 0, nullptr, 0}};
    while (true) {
        switch (::getopt_long(argc, argv, "h", kOptions, nullptr)) {
            case Config:
                arguments.config = optarg;
                break;
            case Check:
                arguments.checkOnly = true;
                break;
            case Scan:
                arguments.scan = optarg;
                break;
            case Version:
                std::cout << "image-pipeline " << host::kVersion << "\n";
                return EX_OK;
            case Help:
            case 'h':
                std::cout << kUsage;
                return EX_OK;
            case -1:
                if (optind == argc) return -1;
                std::cerr << "image-pipeline: unexpected argument: " << argv[optind] << "\n";
                [[fallthrough]];
            default:
                std::cerr << "Try image-pipeline --help.\n";
                return EX_USAGE;
        }
    }
}

void setUpLog(host::config::LogLevel level) {
    spdlog::set_default_logger(spdlog::stderr_color_mt("host"));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
    switch (level) {
        case host::config::LogLevel::Debug:
            spdlog::set_level(spdlog::level::debug);
            break;
        case host::config::LogLevel::Info:
            spdlog::set_level(spdlog::level::info);
            break;
        case host::config::LogLevel::Warning:
            spdlog::set_level(spdlog::level::warn);
            break;
        case host::config::LogLevel::Error:
            spdlog::set_level(spdlog::level::err);
            break;
    }
}

// Every connection and every picture in work takes a descriptor; the soft limit is often only 1024.
void raiseDescriptorLimit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 65536);
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Prints them; true when one is more than a warning.
bool report(const std::vector<host::config::Fault>& faults, const std::string& file) {
    bool refused = false;
    for (const host::config::Fault& fault : faults) {
        std::cerr << host::config::format(fault, file) << "\n";
        refused = refused || !fault.warning;
    }
    return refused;
}

// Waits for the signal that ends the host, stops it in another thread and, should a second signal
// come first, ends at once: what is unfinished is on disk and goes on at the next start.
int runUntilSignalled(host::Application& application, const sigset_t& signals) {
    int signal = 0;
    ::sigwait(&signals, &signal);
    spdlog::info("{}: shutting down", ::strsignal(signal));
    std::atomic<bool> done{false};
    std::thread stopper([&] {
        application.stop();
        done = true;
    });
    const timespec tick{0, 20'000'000};
    while (!done) {
        if (::sigtimedwait(&signals, nullptr, &tick) > 0) {
            spdlog::warn("second signal: ending at once; unfinished jobs go on at the next start");
            spdlog::default_logger()->flush();
            ::_exit(EX_OK);
        }
    }
    stopper.join();
    spdlog::info("stopped");
    return EX_OK;
}

// Pictures and bodies of megabytes come and go on dozens of threads. Left to itself glibc raises
// the size from which it asks the system for memory until such blocks lie among the small ones, in
// an arena for every few threads, and what is freed there stays with the process: 220 MB resident
// after minutes of mixed load, against 50 MB so. MALLOC_ variables of the environment do not count
// beside this.
void keepMemoryFlat() {
    ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
    ::mallopt(M_ARENA_MAX, 2);
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    if (const int code = parse(argc, argv, arguments); code >= 0) return code;
    if (!arguments.scan.empty()) return host::plugins::scanMain(arguments.scan);

    keepMemoryFlat();
    // Before any thread: all of them leave these signals to the main one.
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP})
        ::sigaddset(&signals, signal);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    raiseDescriptorLimit();

    host::config::LoadResult configuration = host::config::load(arguments.config);
    setUpLog(configuration.settings.logLevel);
    host::Application application(std::move(configuration));
    if (report(application.check(), arguments.config)) return EX_CONFIG;
    if (arguments.checkOnly) {
        if (report(application.tryPlugins(), arguments.config)) return EX_CONFIG;
        std::cout << arguments.config << ": no faults\n";
        return EX_OK;
    }
    if (const host::Status started = application.start(); !started) {
        std::cerr << "image-pipeline: cannot start: " << started.error().message << "\n";
        application.stop();
        return EX_UNAVAILABLE;
    }
    for (const auto& [service, url] : application.listening()) {
        spdlog::info("{} listens on {}", service, url);
        std::cout << service << " " << url << "\n";
    }
    std::cout << "ready" << std::endl;
    const int code = runUntilSignalled(application, signals);
    spdlog::default_logger()->flush();
    host::checkForLeaks();
    // Without static destructors: a plugin call that never came back may still be running.
    ::_exit(code);
}
