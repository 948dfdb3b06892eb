#include "common/host_process.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>

#include "common/sanitized.hpp"

namespace test {

namespace {

constexpr std::chrono::seconds kStartLimit{60};
constexpr std::chrono::seconds kGrace{3};
constexpr std::chrono::seconds kEndLimit{60};

std::filesystem::path binaries() {
    return std::filesystem::path(IPL_BIN_DIR);
}

host::Json basicConfig() {
    return {{"version", "2.0"},
            {"output_directory", "output"},
            {"database_path", "jobs.db"},
            {"logging_level", "DEBUG"},
            {"dual_gen_port", 0},
            {"json_from_image_port", 0},
            {"create_json_port", 0},
            {"plugin_paths", {(binaries().parent_path() / "fixtures").string()}},
            {"prompt", {{"plugin", "wordsmith"}}},
            {"endpoints", {{{"name", "Solo"}, {"plugin", "gradient"}}}}};
}

}  // namespace

std::filesystem::path HostProcess::executable() {
    return binaries() / "image-pipeline";
}

HostProcess::HostProcess(const host::Json& config) : config_(basicConfig()) {
    configure(config);
}

void HostProcess::configure(const host::Json& config) {
    config_.merge_patch(config);
    writeFile(configFile(), config_.dump(2));
}

ChildProcess& HostProcess::launch() {
    end();
    urls_.clear();
    ports_.clear();
    process_ = std::make_unique<ChildProcess>(
        executable(), ProcessOptions{.arguments = {"--config", configFile().string()},
                                     .errorFile = folder_ / "host.log",
                                     .environment = environment});
    return *process_;
}

bool HostProcess::tryStart() {
    launch();
    const auto until = std::chrono::steady_clock::now() + kStartLimit;
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        const auto line = process_->readLine(left);
        if (!line) {
            process_->wait(std::chrono::seconds(5));
            return false;
        }
        if (*line == "ready") return true;
        const std::size_t space = line->find(' ');
        if (space == std::string::npos) continue;
        const std::string service = line->substr(0, space);
        const std::string url = line->substr(space + 1);
        urls_[service] = url;
        ports_.push_back(std::make_unique<ServicePort>(Address::ofUrl(url).port, service));
    }
}

void HostProcess::start() {
    if (tryStart()) return;
    throw std::runtime_error("the host did not get ready:\n" + process_->errorsEnd());
}

std::optional<int> HostProcess::stop(std::chrono::milliseconds timeout) {
    process_->signal(SIGTERM);
    return process_->wait(timeout);
}

void HostProcess::end() {
    // Leaks are looked for, and races of a shutdown seen, only on the way out. Whoever still draws
    // is not waited for: the second signal ends the host at once.
    if (kSanitized && process_ && process_->expectRunning()) {
        std::optional<int> code;
        for (const auto limit : {kGrace, kEndLimit}) {
            process_->signal(SIGTERM);
            code = process_->wait(limit);
            if (code) break;
        }
        // One that was not ready yet may have had the signal before it was prepared for it.
        const bool early = urls_.empty() && code == 128 + SIGTERM;
        EXPECT_TRUE(code == 0 || early)
            << "the host's end: " << (code ? "code " + std::to_string(*code) : "none") << "\n"
            << process_->errorsEnd();
    }
    process_.reset();
}

}  // namespace test
