// An image-pipeline of a test's own: a folder with its configuration, database and pictures, and
// the process, which can be started, stopped, killed and started again in that folder.
// Used by one thread; url() and folder paths may be read by any while the process runs.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/api_check.hpp"
#include "common/child_process.hpp"
#include "common/http_client.hpp"
#include "common/temp_dir.hpp"
#include "support/error.hpp"

namespace test {

class HostProcess {
  public:
    // `config` is laid over a basic one: any free ports, an embedded prompt writer, one endpoint
    // that draws gradients.
    explicit HostProcess(const host::Json& config = host::Json::object());
    // Ends it: by SIGKILL, or as an operator would where a sanitizer looks at how it ends.
    ~HostProcess() { end(); }
    HostProcess(const HostProcess&) = delete;
    HostProcess& operator=(const HostProcess&) = delete;

    // Returns when it is ready. Throws std::runtime_error, with the end of its log, when it is not
    // within a minute.
    void start();
    // The same, but false when it ended before it was ready: an end the test knows of.
    bool tryStart();
    // Starts without waiting.
    ChildProcess& launch();
    // Fails the test when it was dead already, see ChildProcess.
    void kill() { process_->kill(); }
    // SIGTERM; the exit code, or nothing when it does not end in time.
    [[nodiscard]] std::optional<int> stop(
        std::chrono::milliseconds timeout = std::chrono::seconds(60));
    ChildProcess& process() { return *process_; }
    // Writes the configuration anew; takes effect at the next start.
    void configure(const host::Json& config);

    const std::string& url(const std::string& service = "dual_gen") const {
        return urls_.at(service);
    }
    HttpClient client(const std::string& sourceAddress = "") const {
        return HttpClient(url(), sourceAddress);
    }
    const std::filesystem::path& folder() const { return folder_.path(); }
    std::filesystem::path configFile() const { return folder_ / "config.json"; }
    std::filesystem::path output() const { return folder_ / "output"; }
    std::filesystem::path database() const { return folder_ / "jobs.db"; }
    std::string log() const { return readFile(folder_ / "host.log"); }

    static std::filesystem::path executable();

    // NAME=VALUE for the processes to come.
    std::vector<std::string> environment;

  private:
    void end();

    TempDir folder_;
    host::Json config_;
    std::unique_ptr<ChildProcess> process_;
    std::map<std::string, std::string> urls_;
    std::vector<std::unique_ptr<ServicePort>> ports_;
};

// Asks again and again until it is so; false when it is not so in time.
template <typename Condition>
bool eventually(Condition&& condition,
                std::chrono::milliseconds timeout = std::chrono::seconds(30)) {
    const auto until = std::chrono::steady_clock::now() + timeout;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

}  // namespace test
