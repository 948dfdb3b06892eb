#include "common/metrics_text.hpp"

namespace test {

std::optional<double> metricOf(std::string_view text, std::string_view name,
                               std::string_view labels) {
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (!line.starts_with(name)) continue;
        const std::string_view rest = line.substr(name.size());
        if (rest.empty() || (rest[0] != '{' && rest[0] != ' ')) continue;
        if (rest.find(labels) == std::string_view::npos) continue;
        return std::stod(std::string(line.substr(line.rfind(' ') + 1)));
    }
    return std::nullopt;
}

}  // namespace test
