// How figures are written: Prometheus' text format.
#include <array>
#include <charconv>
#include <cmath>

#include "support/metrics.hpp"

namespace host {

namespace {

void addNumber(std::string& text, double value) {
    if (!std::isfinite(value)) {
        text += std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
        return;
    }
    std::array<char, 40> digits{};
    const double size = std::abs(value);
    const bool plain = size == 0 || (size >= 1e-6 && size < 1e15);
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                   plain ? std::chars_format::fixed : std::chars_format::general);
    text.append(digits.data(), end.ptr);
}

// A label's value, or with `quotes` off a help text.
void addEscaped(std::string& text, std::string_view value, bool quotes) {
    for (const char c : value) {
        if (c == '\\' || (quotes && c == '"')) text += '\\';
        if (c == '\n') {
            text += "\\n";
        } else {
            text += c;
        }
    }
}

void addLabel(std::string& text, std::string_view name, std::string_view value) {
    text += text.back() == '{' ? "" : ",";
    text += name;
    text += "=\"";
    addEscaped(text, value, true);
    text += '"';
}

constexpr const char* wordOf(MetricKind kind) {
    switch (kind) {
        case MetricKind::Counter:
            return "counter";
        case MetricKind::Gauge:
            return "gauge";
        case MetricKind::Histogram:
            return "histogram";
    }
    return "untyped";
}

}  // namespace

void MetricsText::family(MetricKind kind, std::string_view name, std::string_view help) {
    name_ = name;
    text_ += "# HELP ";
    text_ += name;
    text_ += ' ';
    addEscaped(text_, help, false);
    text_ += "\n# TYPE ";
    text_ += name;
    text_ += ' ';
    text_ += wordOf(kind);
    text_ += '\n';
}

void MetricsText::line(std::string_view suffix, const MetricLabels& labels, std::string_view le,
                       double value) {
    text_ += name_;
    text_ += suffix;
    if (!labels.empty() || !le.empty()) {
        text_ += '{';
        for (const auto& [name, text] : labels)
            addLabel(text_, name, text);
        if (!le.empty()) addLabel(text_, "le", le);
        text_ += '}';
    }
    text_ += ' ';
    addNumber(text_, value);
    text_ += '\n';
}

void MetricsText::sample(const MetricLabels& labels, double value) {
    line("", labels, "", value);
}

void MetricsText::histogram(const MetricLabels& labels, const Histogram& histogram) {
    const std::vector<std::uint64_t> counts = histogram.counts();
    std::uint64_t total = 0;
    std::string bound;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        total += counts[i];
        bound.clear();
        if (i < histogram.bounds().size()) {
            addNumber(bound, histogram.bounds()[i]);
        } else {
            bound = "+Inf";
        }
        line("_bucket", labels, bound, static_cast<double>(total));
    }
    line("_sum", labels, "", histogram.sum());
    line("_count", labels, "", static_cast<double>(total));
}

void MetricsText::single(MetricKind kind, std::string_view name, std::string_view help,
                         double value) {
    family(kind, name, help);
    sample({}, value);
}

}  // namespace host
