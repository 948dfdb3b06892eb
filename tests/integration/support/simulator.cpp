#include "integration/support/simulator.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>

namespace test {

Simulator::Simulator(const std::string& program, std::vector<std::string> arguments,
                     const std::string& address)
    : address_(address) {
    arguments.insert(arguments.end(), {"--address", address, "--log", (folder_ / "log").string()});
    process_ = std::make_unique<ChildProcess>(
        std::filesystem::path(IPL_BIN_DIR) / program,
        ProcessOptions{.arguments = std::move(arguments), .errorFile = folder_ / "errors"});
    const auto line = process_->readLine(std::chrono::seconds(30));
    const std::string start = "listening on ";
    if (!line || !line->starts_with(start)) {
        throw std::runtime_error(program + " did not start: " + process_->errorsEnd());
    }
    port_ = std::stoi(line->substr(start.size()));
}

std::set<std::string> faultsOf(const std::string& program) {
    ChildProcess help(std::filesystem::path(IPL_BIN_DIR) / program, {.arguments = {"--help"}});
    std::istringstream lines(help.readRest(std::chrono::seconds(30)));
    std::set<std::string> names;
    bool listed = false;
    for (std::string line; std::getline(lines, line);) {
        if (listed && line.starts_with("  "))
            names.insert(line.substr(2, line.find_first_of(" :", 2) - 2));
        listed |= line == "Faults:";
    }
    EXPECT_EQ(help.wait(std::chrono::seconds(10)), 0) << program;
    return names;
}

std::vector<host::Json> Simulator::log() const {
    std::vector<host::Json> entries;
    std::istringstream lines(readFile(folder_ / "log"));
    for (std::string line; std::getline(lines, line);) {
        host::Json entry = host::Json::parse(line, nullptr, false);
        if (!entry.is_discarded()) entries.push_back(std::move(entry));
    }
    return entries;
}

host::Json Simulator::endpoint(const std::string& name) const {
    return {
        {"name", name}, {"plugin", "endpoint"}, {"settings", {{"ip", address_}, {"port", port_}}}};
}

host::Json Simulator::prompt() const {
    return {
        {"plugin", "chat"},
        {"settings",
         {{"url", "http://" + address_ + ":" + std::to_string(port_)}, {"model", "sim-model"}}}};
}

}  // namespace test
