// The command line of a simulator: `--name value`, `--name=value` or a bare `--flag`. --help and
// faults are answered here, by ending the process.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

struct Option {
    std::string name;   // with its dashes
    std::string value;  // what stands for the value in the help text; empty = a flag
    std::string help;
    std::string fallback;
};

class Options {
  public:
    // Prints help and ends with 0 on --help, or says what is wrong and ends with 2.
    Options(int argc, char** argv, std::string_view intro, const std::vector<Option>& known,
            std::string_view epilogue);

    const std::string& text(const std::string& name) const { return values_.at(name); }
    double number(const std::string& name) const;
    bool flag(const std::string& name) const { return !values_.at(name).empty(); }

  private:
    std::map<std::string, std::string> values_;
};

[[noreturn]] void usageFault(const std::string& message);

}  // namespace sim
