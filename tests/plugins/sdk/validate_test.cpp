// ipl-validate as its user runs it: each faulty plugin is named for its fault, good ones pass.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

#include "common/sanitized.hpp"
#include "report.hpp"

namespace {

using validate::Json;

struct Finished {
    int exitCode = -1;
    std::string output;
};

Finished run(const std::string& arguments) {
    Finished result;
    const std::string command = std::string(IPL_BIN_DIR) + "/ipl-validate " + arguments + " 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return result;
    std::array<char, 4096> buffer{};
    for (size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
        result.output.append(buffer.data(), n);
    }
    const int status = pclose(pipe);
    result.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

std::string fixture(const std::string& name) {
    return std::string(IPL_FIXTURE_DIR) + "/" + name + ".so";
}

// The check of that name in a JSON report, or null.
Json checkNamed(const std::string& report, const std::string& name) {
    const Json json = Json::parse(report, nullptr, false);
    if (!json.is_object()) return nullptr;
    for (const auto& check : json["checks"]) {
        if (check["name"] == name) return check;
    }
    return nullptr;
}

struct Fault {
    const char* plugin;
    const char* check;
    const char* result;
    const char* message;
};

class ValidateFault : public testing::TestWithParam<Fault> {};

TEST_P(ValidateFault, IsNamed) {
    const Fault& fault = GetParam();
    const Finished result = run("--json --timeout " + std::string(test::kSanitized ? "12 " : "3 ") +
                                fixture(fault.plugin));
    EXPECT_EQ(result.exitCode, 1);
    const Json check = checkNamed(result.output, fault.check);
    ASSERT_TRUE(check.is_object()) << result.output;
    EXPECT_EQ(check["result"], fault.result) << check;
    EXPECT_NE(check["message"].get<std::string>().find(fault.message), std::string::npos) << check;
}

INSTANTIATE_TEST_SUITE_P(
    Plugins, ValidateFault,
    testing::Values(Fault{"required_newer", "entry", "fail", "needs ABI 1.900; this is ABI 1.0"},
                    Fault{"wrong_major", "entry", "fail", "speaks ABI 2 only"},
                    Fault{"no_entry", "entry", "fail", "ipl_entry_v1"},
                    Fault{"struct_size_0", "entry", "fail", "struct_size is 0"},
                    Fault{"null_id", "entry", "fail", "entry.id"},
                    Fault{"bad_schema", "entry", "fail", "settings_schema is not JSON"},
                    Fault{"undefined_symbol", "load", "fail", "fixtureFunctionThatNobodyDefines"},
                    Fault{"text_file", "load", "fail", "text_file.so"},
                    Fault{"does_not_exist", "load", "fail", "No such file"},
                    Fault{"crash_static_ctor", "load", "crash", "Aborted"},
                    Fault{"crash_in_init", "init", "crash", "Aborted"},
                    Fault{"init_fails", "init", "fail", "UNAVAILABLE"},
                    Fault{"missing_generate", "roles", "fail", "generate is missing"},
                    Fault{"throws_in_create", "image.create", "fail", "INTERNAL (cannot start)"},
                    Fault{"null_self", "image.create", "fail", "no instance"},
                    Fault{"throws_std", "image.generate", "fail", "INTERNAL (no luck today)"},
                    Fault{"throws_int", "image.generate", "fail", "INTERNAL (unknown exception)"},
                    Fault{"throws_bad_alloc", "image.generate", "fail", "OUT_OF_MEMORY"},
                    Fault{"hang", "image.cancelled", "timeout", "000 ms"},
                    Fault{"blocks_in_probe", "image.probe", "timeout", "000 ms"},
                    Fault{"slow_cancel", "image.cancelled", "fail", "more than a second"},
                    Fault{"cancelled_uncancelled", "image.generate", "fail", "CANCELLED"},
                    Fault{"crash", "image.generate", "crash", ""},
                    Fault{"late_callback", "image.generate", "fail", "after the function returned"},
                    Fault{"commit_twice", "image.generate", "fail", "image_commit on a picture"},
                    Fault{"write_after_commit", "image.generate", "fail",
                          "image_write on a picture"},
                    Fault{"no_commit", "image.generate", "fail", "without a picture"},
                    Fault{"ok_without_image", "image.generate", "fail", "without a picture"},
                    Fault{"huge_output", "image.generate", "fail", "TOO_LARGE"},
                    Fault{"endless_text", "prompt.complete", "fail", "TOO_LARGE"},
                    Fault{"progress_flood", "image.generate", "fail", "not a number"},
                    Fault{"long_error", "image.generate", "fail", "UPSTREAM"},
                    Fault{"lies", "image.generate", "fail", "neither PNG"},
                    Fault{"unknown_status", "image.generate", "fail", "4711"}),
    [](const auto& test) { return std::string(test.param.plugin); });

class ValidateGood : public testing::TestWithParam<const char*> {};

TEST_P(ValidateGood, Passes) {
    const Finished result = run(fixture(GetParam()));
    EXPECT_EQ(result.exitCode, 0) << result.output;
}

INSTANTIATE_TEST_SUITE_P(Plugins, ValidateGood,
                         testing::Values("pure_c", "minor_newer", "slow", "echo", "symbol_clash_a",
                                         "concurrency_probe", "hostile_names"),
                         [](const auto& test) { return std::string(test.param); });

TEST(Validate, WarnsAboutExportedSymbols) {
    const Finished result = run("--json " + fixture("symbol_clash_a"));
    EXPECT_EQ(checkNamed(result.output, "symbols")["result"], "warn") << result.output;
}

TEST(Validate, UsesTheSettingsItIsGiven) {
    EXPECT_EQ(run("--settings '{\"times\": 0}' " + fixture("fails")).exitCode, 0);
    const Finished result = run("--settings '{\"status\": 9, \"times\": -1}' " + fixture("fails"));
    EXPECT_EQ(result.exitCode, 1);
    EXPECT_NE(result.output.find("UPSTREAM"), std::string::npos) << result.output;
}

TEST(Validate, ReportsEveryKeyOfDescribeThatIsOfAnotherForm) {
    const auto described = [](const std::string& description) {
        const Json settings{{"describe", description}};
        return run("--json --settings '" + settings.dump() + "' " + fixture("echo"));
    };
    const Finished bad = described(
        R"({"steps": 5, "sizes": ["1mp"], "cancel": true, "seed": "yes", "input_roles": ["face"]})");
    EXPECT_EQ(bad.exitCode, 1);
    const Json check = checkNamed(bad.output, "image.describe");
    ASSERT_TRUE(check.is_object()) << bad.output;
    EXPECT_EQ(check["result"], "fail");
    for (const char* key : {"steps", "sizes", "cancel", "seed", "input_roles"}) {
        EXPECT_NE(check["message"].get<std::string>().find(std::string(key) + " is not"),
                  std::string::npos)
            << key << ": " << check;
    }
    const Finished good = described(
        R"({"steps": {"min": 1, "max": 50}, "guidance_scale": false, "sizes": [{"width": 8, "height": 8}],
            "size": {"multiple_of": 8}, "cancel": "step", "input_roles": ["start", "mask"], "own": 1})");
    EXPECT_EQ(good.exitCode, 0) << good.output;
}

TEST(Validate, ReportsARefusedSetting) {
    const Finished result = run("--json --settings '{\"hue\": 400}' " + fixture("pure_c"));
    EXPECT_EQ(result.exitCode, 1);
    EXPECT_EQ(checkNamed(result.output, "image.create")["message"],
              "create gives INVALID_ARGUMENT (/hue: must be between 0 and 359)");
    EXPECT_EQ(checkNamed(result.output, "image.generate")["result"], "skip");
}

TEST(Validate, RefusesAWrongCommandLine) {
    EXPECT_EQ(run("").exitCode, 2);
    EXPECT_EQ(run("--settings nonsense " + fixture("pure_c")).exitCode, 2);
    EXPECT_EQ(run("--timeout 0 " + fixture("pure_c")).exitCode, 2);
    EXPECT_EQ(run("--nonsense").exitCode, 2);
    EXPECT_EQ(run("--help").exitCode, 0);
}

}  // namespace
