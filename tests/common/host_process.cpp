#include "common/host_process.hpp"

#include <csignal>
#include <stdexcept>

namespace test {

namespace {

constexpr std::chrono::seconds kStartLimit{60};
constexpr std::size_t kLogShown = 4000;

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
    process_.reset();
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
        if (!line) return false;
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
    std::string end = log();
    if (end.size() > kLogShown) end.erase(0, end.size() - kLogShown);
    throw std::runtime_error("the host did not get ready:\n" + end);
}

std::optional<int> HostProcess::stop(std::chrono::milliseconds timeout) {
    process_->signal(SIGTERM);
    return process_->wait(timeout);
}

}  // namespace test
