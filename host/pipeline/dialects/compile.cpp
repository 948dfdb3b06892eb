#include <array>

#include "pipeline/dialects/dialect.hpp"
#include "pipeline/dialects/dialects.hpp"
#include "pipeline/scene.hpp"
#include "support/json_in_text.hpp"
#include "support/text.hpp"

namespace host::pipeline {

namespace {

using dialects::Written;

struct Row {
    PromptDialect dialect;
    std::string_view word;
    Written (*write)(const Json& scene);
};

constexpr std::array<Row, 5> kRows{{
    {PromptDialect::AsIs, "as_is", nullptr},
    {PromptDialect::Prose, "prose", dialects::prose},
    {PromptDialect::Flux2, "flux2", dialects::flux2},
    {PromptDialect::Fibo, "fibo", dialects::fibo},
    {PromptDialect::Ideogram4, "ideogram4", dialects::ideogram4},
}};

const Row& rowOf(PromptDialect dialect) {
    return kRows.at(static_cast<std::size_t>(dialect));
}

// The JSON object that the whole prompt is.
std::optional<Json> objectIn(std::string_view prompt) {
    prompt = trim(prompt);
    if (prompt.size() > kMaxScenePrompt || !prompt.starts_with('{')) return std::nullopt;
    bool tooDeep = false;
    Json json = Json::parse(
        prompt,
        [&tooDeep](int depth, Json::parse_event_t, Json&) {
            tooDeep = tooDeep || depth > kMaxJsonDepth;
            return depth <= kMaxJsonDepth;
        },
        false);
    if (tooDeep || !json.is_object()) return std::nullopt;
    return json;
}

// Bounds on the parts of a scene that is too long as it is.
struct Bounds {
    std::size_t characters;  // of a text
    std::size_t members;     // of a list or object
};
constexpr std::array<Bounds, 5> kSteps{{{2000, 100}, {800, 60}, {300, 30}, {100, 20}, {40, 10}}};

Json shortened(const Json& value, const Bounds& bounds) {
    if (value.is_string()) {
        return std::string(utf8Head(value.get_ref<const std::string&>(), bounds.characters));
    }
    if (!value.is_structured()) return value;
    Json kept = value.is_array() ? Json::array() : Json::object();
    for (const auto& [name, its] : value.items()) {
        if (kept.size() >= bounds.members) break;
        if (value.is_array()) {
            kept.push_back(shortened(its, bounds));
        } else {
            kept[name] = shortened(its, bounds);
        }
    }
    return kept;
}

bool fits(const std::string& text) {
    return text.size() <= kMaxCompiledCharacters || utf8Length(text) <= kMaxCompiledCharacters;
}

// In whatever order.
bool saysTheSame(const Json& object, const std::string& text) {
    return nlohmann::json(object) == nlohmann::json::parse(text, nullptr, false);
}

CompiledPrompt asSubmitted(const std::string& prompt, std::string reason = "") {
    CompiledPrompt as{prompt, false, {}};
    if (!reason.empty()) as.losses.push_back({"", std::move(reason)});
    return as;
}

}  // namespace

std::string_view toString(PromptDialect dialect) {
    return rowOf(dialect).word;
}

std::optional<PromptDialect> promptDialectFrom(std::string_view word) {
    for (const Row& row : kRows) {
        if (row.word == word) return row.dialect;
    }
    return std::nullopt;
}

CompiledPrompt compilePrompt(PromptDialect dialect, const std::string& prompt) {
    const Row& row = rowOf(dialect);
    if (row.write == nullptr) return asSubmitted(prompt);
    const auto object = objectIn(prompt);
    if (!object) return asSubmitted(prompt);
    const bool fibo = dialects::isFibo(*object);
    const bool ideogram = dialects::isIdeogram4(*object);
    if ((fibo && dialect == PromptDialect::Fibo) ||
        (ideogram && dialect == PromptDialect::Ideogram4)) {
        return asSubmitted(prompt);
    }
    if (fibo || ideogram || sceneLikeness(*object) == 0) {
        return asSubmitted(prompt, "JSON that is no scene is sent as it was submitted");
    }
    Written written = row.write(*object);
    for (const Bounds& bounds : kSteps) {
        if (fits(written.text)) break;
        written = row.write(shortened(*object, bounds));
        if (written.losses.size() == kMaxLosses) written.losses.pop_back();
        written.losses.push_back({"", "shortened to stay within " +
                                          std::to_string(kMaxCompiledCharacters) + " characters"});
    }
    if (!fits(written.text) || written.text.empty()) {
        return asSubmitted(prompt, written.text.empty()
                                       ? "the scene says nothing that the dialect has words for"
                                       : "cannot be made short enough: sent as it was submitted");
    }
    // What needs no change stays as it is, to the last blank.
    if (dialect == PromptDialect::Flux2 && saysTheSame(*object, written.text)) {
        return asSubmitted(prompt);
    }
    return {std::move(written.text), true, std::move(written.losses)};
}

Json lossesJson(const std::vector<PromptLoss>& losses) {
    Json list = Json::array();
    for (const PromptLoss& loss : losses)
        list.push_back({{"field", loss.field}, {"reason", loss.reason}});
    return list;
}

}  // namespace host::pipeline
