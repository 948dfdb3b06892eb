#include "sim-common/options.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iomanip>
#include <iostream>

namespace sim {

namespace {

[[noreturn]] void printHelp(std::string_view program, std::string_view intro,
                            const std::vector<Option>& known, std::string_view epilogue) {
    auto line = [](const std::string& left, const std::string& right) {
        std::cout << "  " << std::left << std::setw(22) << left << ' ' << right << '\n';
    };
    std::cout << "Usage: " << program << " [options]\n\n" << intro << "\n\nOptions:\n";
    for (const auto& option : known) {
        std::string left = option.name + (option.value.empty() ? "" : " " + option.value);
        line(left,
             option.help + (option.fallback.empty() ? "" : " (default " + option.fallback + ")"));
    }
    line("--help", "show this text");
    std::cout << '\n' << epilogue << '\n';
    std::exit(0);
}

}  // namespace

void usageFault(const std::string& message) {
    std::cerr << message << "\nTry --help.\n";
    std::exit(2);
}

Options::Options(int argc, char** argv, std::string_view intro, const std::vector<Option>& known,
                 std::string_view epilogue) {
    for (const auto& option : known)
        values_[option.name] = option.fallback;
    std::string_view program = argv[0];
    program.remove_prefix(program.find_last_of('/') + 1);
    for (int i = 1; i < argc; ++i) {
        std::string name = argv[i];
        if (name == "--help" || name == "-h") printHelp(program, intro, known, epilogue);
        auto equals = name.find('=');
        bool joined = equals != name.npos;
        std::string value = joined ? name.substr(equals + 1) : "";
        if (joined) name.resize(equals);
        auto option = std::ranges::find(known, name, &Option::name);
        if (option == known.end()) usageFault("unknown option: " + name);
        if (option->value.empty()) {
            value = "yes";
        } else if (!joined) {
            if (++i >= argc) usageFault(name + " needs a value: " + option->value);
            value = argv[i];
        }
        values_[name] = value;
    }
}

double Options::number(const std::string& name) const {
    const auto& value = values_.at(name);
    double number = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || !std::isfinite(number) ||
        number < 0)
        usageFault(name + " is not a number: " + value);
    return number;
}

}  // namespace sim
