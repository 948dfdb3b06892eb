// ipl-validate: tells whether a plugin keeps the rules of the ABI. Each check runs in a process of
// its own; the exit code is 0 when none failed, 1 when one did, 2 for a wrong command line.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "child.hpp"
#include "library.hpp"
#include "role_checks.hpp"
#include "settings.hpp"

namespace {

using validate::Json;
using validate::Outcome;
using validate::Report;

constexpr char kUsage[] =
    "usage: ipl-validate [--json] [--settings JSON] [--timeout SECONDS] PLUGIN.so\n"
    "\n"
    "Checks that a plugin keeps the rules of the Image Pipeline plugin ABI.\n"
    "  --json           print the results as JSON\n"
    "  --settings JSON  settings for create; without it the defaults of the plugin's schema\n"
    "  --timeout N      seconds for each check, 1 to 600; 20 without it\n"
    "\n"
    "Exit code: 0 nothing failed, 1 something did, 2 wrong command line.\n";

struct Options {
    bool json = false;
    bool help = false;
    std::string settings;
    int timeoutSeconds = 20;
    std::string path;
};

bool parse(int argc, char** argv, Options& options) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view arg = argv[i];
        if (arg == "--help" || arg == "-h") {
            options.help = true;
        } else if (arg == "--json") {
            options.json = true;
        } else if (arg == "--settings" && i + 1 < argc) {
            options.settings = argv[++i];
        } else if (arg == "--timeout" && i + 1 < argc) {
            options.timeoutSeconds = std::atoi(argv[++i]);
        } else if (arg.substr(0, 2) == "--" || !options.path.empty()) {
            return false;
        } else {
            options.path = arg;
        }
    }
    return options.help ||
           (!options.path.empty() && options.timeoutSeconds >= 1 && options.timeoutSeconds <= 600);
}

bool failed(const Report& report) {
    return report.outcome == Outcome::kFail || report.outcome == Outcome::kCrash ||
           report.outcome == Outcome::kTimeout;
}

// A folder for the plugin to write to, gone afterwards.
class DataDir {
  public:
    DataDir() {
        std::string name =
            (std::filesystem::temp_directory_path() / "ipl-validate-XXXXXX").string();
        if (mkdtemp(name.data()) != nullptr) path_ = name;
    }
    ~DataDir() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    DataDir(const DataDir&) = delete;
    DataDir& operator=(const DataDir&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

// Runs the checks one after another; a check is skipped once one that it needs has failed.
class Validation {
  public:
    explicit Validation(const Options& options)
        : options_(options),
          path_(std::filesystem::absolute(options.path).string()),
          limit_(options.timeoutSeconds * 1000) {}

    const std::vector<Report>& run() {
        check("symbols", validate::checkSymbols);
        const Report entry = checkAll();
        if (!usable_) return reports_;

        Json settings;
        if (!chooseSettings(entry.facts["schema"], settings)) return reports_;
        const DataDir dataDir;
        for (const auto& role : roles_) {
            const validate::RoleContext context{path_, role.get<std::string>(), settings,
                                                dataDir.path(), limit_ * 3 / 4};
            bool created = true;  // the first check of a role is that it can be created
            bool first = true;
            for (const auto& [name, function] : validate::roleChecks(context)) {
                reports_.push_back(created ? validate::runInChild(name, limit_, function)
                                           : skipped(name));
                if (std::exchange(first, false)) created = !failed(reports_.back());
            }
        }
        return reports_;
    }

  private:
    static Report skipped(const std::string& name) {
        return {name, Outcome::kSkip, "because of the above", 0, {}};
    }

    Report check(const std::string& name, void (*function)(const std::string&, Report&)) {
        if (!usable_) {
            reports_.push_back(skipped(name));
            return reports_.back();
        }
        reports_.push_back(
            validate::runInChild(name, limit_, [&](Report& report) { function(path_, report); }));
        // Whatever the file looks like, the dynamic linker has the last word on it.
        usable_ = name == "symbols" || !failed(reports_.back());
        return reports_.back();
    }

    // Load, entry, init and roles; returns the report of the entry.
    Report checkAll() {
        check("load", validate::checkLoad);
        Report entry = check("entry", validate::checkEntry);
        check("init", validate::checkInit);
        roles_ = check("roles", validate::checkRoles).facts;
        return entry;
    }

    bool chooseSettings(const Json& schema, Json& settings) {
        if (!options_.settings.empty()) {
            settings = Json::parse(options_.settings);
            return true;
        }
        const auto defaults = validate::defaultsOf(schema);
        settings = defaults.settings;
        if (defaults.missing.empty()) return true;
        reports_.push_back(
            {"create",
             Outcome::kSkip,
             "the setting " + defaults.missing + " is required and has no default: give --settings",
             0,
             {}});
        return false;
    }

    const Options& options_;
    const std::string path_;
    const std::chrono::milliseconds limit_;
    bool usable_ = true;
    Json roles_;
    std::vector<Report> reports_;
};

void printTable(const std::vector<Report>& reports) {
    for (const auto& report : reports) {
        std::printf("%-8s %-18s %7.1f ms  %s\n", validate::nameOf(report.outcome),
                    report.name.c_str(), report.milliseconds, report.message.c_str());
    }
}

void printJson(const std::string& path, const std::vector<Report>& reports, bool ok) {
    Json checks = Json::array();
    for (const auto& report : reports) {
        checks.push_back({{"name", report.name},
                          {"result", validate::nameOf(report.outcome)},
                          {"message", report.message},
                          {"ms", report.milliseconds}});
    }
    const Json json = {{"plugin", path}, {"ok", ok}, {"checks", checks}};
    std::puts(json.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    if (!parse(argc, argv, options)) {
        std::fputs(kUsage, stderr);
        return 2;
    }
    if (options.help) {
        std::fputs(kUsage, stdout);
        return 0;
    }
    if (!options.settings.empty() && !Json::parse(options.settings, nullptr, false).is_object()) {
        std::fputs("ipl-validate: --settings is not a JSON object\n", stderr);
        return 2;
    }
    try {
        Validation validation(options);
        const auto& reports = validation.run();
        const bool ok = std::none_of(reports.begin(), reports.end(), failed);
        options.json ? printJson(options.path, reports, ok) : printTable(reports);
        return ok ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "ipl-validate: %s\n", error.what());
        return 2;
    }
}
