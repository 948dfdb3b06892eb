#include "imaging/comfyui.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <set>
#include <vector>

#include "imaging/metadata_text.hpp"
#include "support/text.hpp"

namespace host::imaging {

namespace {

using Names = std::initializer_list<const char*>;

constexpr int kMaxVisits = 500;  // nodes looked at in one graph, over all walks
constexpr int kMaxHops = 64;     // from one node to the next, in one walk
constexpr std::size_t kMaxSamplers = 50;
constexpr int kMaxBranches = 64;  // inputs followed from one node
constexpr std::size_t kMaxTextSize = 64 * 1024;

bool contains(const std::string& text, std::string_view word) {
    return text.find(word) != std::string::npos;
}

class Graph {
  public:
    explicit Graph(const FoundJson& nodes) : nodes_(nodes) {}
    std::optional<Generation> read();

  private:
    enum class Role { Positive, Negative };

    const FoundJson* node(const std::string& id);
    // The node that a value is an output of; null when it is no link.
    const FoundJson* linked(const FoundJson* value, std::string* id = nullptr);
    static const FoundJson* input(const FoundJson* node, const char* name);
    static std::string classOf(const FoundJson* node) { return textOf(*node, "class_type"); }

    // From `node` on along the first link among `along`: the first node that has one of `wanted`.
    const FoundJson* find(const FoundJson* node, Names along, Names wanted);
    std::optional<double> number(const FoundJson* node, Names names);
    std::optional<std::int64_t> integer(const FoundJson* node, Names names);
    const FoundJson* numberValue(const FoundJson* node, Names names);

    std::string text(const FoundJson* value, Role role, std::set<std::string>& seen, int hops);
    std::string textOfNode(const FoundJson& node, Role role, std::set<std::string>& seen, int hops);
    std::string joined(const FoundJson& inputs, Role role, std::set<std::string>& seen, int hops);

    const FoundJson* sampler();
    int rank(const FoundJson* node);
    void size(const FoundJson* from, Generation& generation);

    const FoundJson& nodes_;
    int visits_ = 0;
};

const FoundJson* Graph::node(const std::string& id) {
    if (++visits_ > kMaxVisits) return nullptr;
    const auto found = nodes_.find(id);
    return found != nodes_.end() && found->is_object() ? &*found : nullptr;
}

const FoundJson* Graph::linked(const FoundJson* value, std::string* id) {
    if (value == nullptr || !value->is_array() || value->size() != 2) return nullptr;
    const FoundJson& target = (*value)[0];
    std::string name;
    if (target.is_string()) {
        name = target.get<std::string>();
    } else if (target.is_number_integer()) {
        name = target.dump();
    }
    if (name.empty()) return nullptr;
    if (id != nullptr) *id = name;
    return node(name);
}

const FoundJson* Graph::input(const FoundJson* node, const char* name) {
    if (node == nullptr) return nullptr;
    const auto inputs = node->find("inputs");
    if (inputs == node->end() || !inputs->is_object()) return nullptr;
    const auto found = inputs->find(name);
    return found == inputs->end() ? nullptr : &*found;
}

const FoundJson* Graph::find(const FoundJson* node, Names along, Names wanted) {
    for (int hop = 0; node != nullptr && hop < kMaxHops; ++hop) {
        for (const char* name : wanted) {
            if (input(node, name) != nullptr) return node;
        }
        const FoundJson* next = nullptr;
        for (const char* name : along) {
            if (next == nullptr) next = linked(input(node, name));
        }
        node = next;
    }
    return nullptr;
}

const FoundJson* Graph::numberValue(const FoundJson* node, Names names) {
    for (int hop = 0; node != nullptr && hop < kMaxHops; ++hop) {
        const FoundJson* next = nullptr;
        for (const char* name : names) {
            const FoundJson* value = input(node, name);
            if (value == nullptr) continue;
            if (value->is_number()) return value;
            if (next == nullptr) next = linked(value);
        }
        // Nodes that only hold a number name it after its type.
        for (const char* name : {"value", "int", "float", "number", "Value", "Number"}) {
            const FoundJson* value = input(node, name);
            if (hop > 0 && value != nullptr && value->is_number()) return value;
        }
        node = next;
    }
    return nullptr;
}

std::optional<double> Graph::number(const FoundJson* node, Names names) {
    const FoundJson* value = numberValue(node, names);
    if (value == nullptr) return std::nullopt;
    const double number = value->get<double>();
    return std::isfinite(number) && std::fabs(number) < 1e15 ? std::optional(number) : std::nullopt;
}

std::optional<std::int64_t> Graph::integer(const FoundJson* node, Names names) {
    const FoundJson* value = numberValue(node, names);
    if (value == nullptr) return std::nullopt;
    if (value->is_number_float()) {
        const double number = value->get<double>();
        if (!(std::fabs(number) < 1e15)) return std::nullopt;
        return static_cast<std::int64_t>(number);
    }
    if (value->is_number_unsigned() &&
        value->get<std::uint64_t>() >
            static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return std::nullopt;
    }
    return value->get<std::int64_t>();
}

// The text that a value is or leads to.
std::string Graph::text(const FoundJson* value, Role role, std::set<std::string>& seen, int hops) {
    if (value == nullptr) return {};
    if (value->is_string()) return cleanText(value->get_ref<const std::string&>());
    std::string id;
    const FoundJson* target = linked(value, &id);
    if (target == nullptr || hops >= kMaxHops || !seen.insert(id).second) return {};
    return textOfNode(*target, role, seen, hops + 1);
}

// All texts of a node that puts texts together, in the order of their names.
std::string Graph::joined(const FoundJson& inputs, Role role, std::set<std::string>& seen,
                          int hops) {
    std::string delimiter = textOf(inputs, "delimiter");
    if (delimiter.empty()) delimiter = " ";
    std::string all;
    int branches = 0;
    for (const auto& [name, value] : inputs.items()) {
        if (!name.starts_with("text") && !name.starts_with("string")) continue;
        if (++branches > kMaxBranches) break;
        std::set<std::string> path = seen;
        const std::string part = text(&value, role, path, hops);
        if (part.empty()) continue;
        if (!all.empty()) all += delimiter;
        all += part;
        if (all.size() > kMaxTextSize) break;
    }
    return all;
}

std::string Graph::textOfNode(const FoundJson& node, Role role, std::set<std::string>& seen,
                              int hops) {
    const std::string type = classOf(&node);
    if (contains(type, "ZeroOut")) return {};
    const auto found = node.find("inputs");
    if (found == node.end() || !found->is_object()) return {};
    const FoundJson& inputs = *found;
    if (contains(type, "Concat") || contains(type, "Join")) {
        std::string all = joined(inputs, role, seen, hops);
        if (!all.empty()) return all;
    }
    const auto tryName = [&](const char* name) -> std::string {
        const auto value = inputs.find(name);
        return value == inputs.end() ? std::string() : text(&*value, role, seen, hops);
    };
    const Names own = role == Role::Positive ? Names{"text_positive", "positive", "prompt"}
                                             : Names{"text_negative", "negative"};
    const Names plain = {"populated_text", "text",          "text_g",      "t5xxl",
                         "text_l",         "clip_l",        "prompt",      "string",
                         "value",          "wildcard_text", "conditioning"};
    for (const Names& names : {own, plain}) {
        for (const char* name : names) {
            if (std::string all = tryName(name); !trim(all).empty()) return all;
        }
    }
    int branches = 0;
    for (const auto& [name, value] : inputs.items()) {
        if (++branches > kMaxBranches) break;
        const bool leads = name.starts_with("conditioning") || name.starts_with("text") ||
                           name == "guider" || name == "source" || name == "any";
        if (!leads || !value.is_array()) continue;
        if (std::string all = text(&value, role, seen, hops); !trim(all).empty()) return all;
    }
    return {};
}

// How much a node looks like the one that made the picture from noise; 0 = not at all.
int Graph::rank(const FoundJson* node) {
    const bool positive = linked(input(node, "positive")) != nullptr;
    const bool guider = linked(input(node, "guider")) != nullptr;
    if (!positive && !guider) return 0;
    int rank = 1;
    if (contains(classOf(node), "Sampler")) rank += 4;
    for (const char* name : {"seed", "noise_seed", "noise"}) {
        if (input(node, name) != nullptr) {
            rank += 2;
            break;
        }
    }
    // The first of several (others scale up what it made) begins with an empty picture.
    const FoundJson* empty = find(node, {"latent_image", "samples", "latent"}, {"width"});
    if (empty != nullptr && input(empty, "height") != nullptr) rank += 1;
    return rank;
}

const FoundJson* Graph::sampler() {
    struct Candidate {
        std::size_t idSize;
        std::string id;
        const FoundJson* node;
    };
    std::vector<Candidate> candidates;
    for (const auto& [id, node] : nodes_.items()) {
        if (!node.is_object()) continue;
        if (input(&node, "positive") == nullptr && input(&node, "guider") == nullptr) continue;
        candidates.push_back({id.size(), id, &node});
    }
    // By number.
    std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) {
        return std::tie(a.idSize, a.id) < std::tie(b.idSize, b.id);
    });
    const FoundJson* best = nullptr;
    int bestRank = 0;
    for (std::size_t i = 0; i < std::min(candidates.size(), kMaxSamplers); ++i) {
        const int now = rank(candidates[i].node);
        if (now > bestRank) {
            bestRank = now;
            best = candidates[i].node;
        }
    }
    visits_ = 0;
    return best;
}

void Graph::size(const FoundJson* from, Generation& generation) {
    const FoundJson* empty = find(from, {"latent_image", "samples", "latent"}, {"width"});
    const auto width = integer(empty, {"width"});
    const auto height = integer(empty, {"height"});
    constexpr std::int64_t kMost = 1'000'000;
    if (width && height && *width > 0 && *height > 0 && *width <= kMost && *height <= kMost) {
        generation.width = static_cast<std::uint32_t>(*width);
        generation.height = static_cast<std::uint32_t>(*height);
    }
}

std::optional<Generation> Graph::read() {
    const FoundJson* start = sampler();
    if (start == nullptr) return std::nullopt;
    const FoundJson* guider = linked(input(start, "guider"));
    const FoundJson* conditioned = input(start, "positive") == nullptr ? guider : start;
    const FoundJson* positive = input(conditioned, "positive");
    if (positive == nullptr) positive = input(conditioned, "conditioning");

    Generation generation;
    generation.source = "comfyui";
    std::set<std::string> seen;
    generation.prompt = trim(text(positive, Role::Positive, seen, 0));
    seen.clear();
    generation.negativePrompt = trim(text(input(conditioned, "negative"), Role::Negative, seen, 0));
    if (generation.prompt.empty()) return std::nullopt;

    generation.seed =
        integer(find(start, {"noise"}, {"seed", "noise_seed"}), {"seed", "noise_seed"});
    if (generation.seed && *generation.seed < 0) generation.seed.reset();
    const FoundJson* schedule = find(start, {"sigmas"}, {"steps"});
    if (const auto steps = integer(schedule, {"steps"}); steps && *steps > 0 && *steps < 1'000'000)
        generation.steps = static_cast<int>(*steps);
    const auto strength = number(find(start, {"sigmas"}, {"denoise"}), {"denoise"});
    if (strength && *strength > 0 && *strength < 1) generation.strength = strength;
    generation.guidanceScale = number(find(start, {"guider"}, {"cfg"}), {"cfg"});
    const FoundJson* distilled = find(linked(positive), {"conditioning", "positive"}, {"guidance"});
    if (const auto guidance = number(distilled, {"guidance"});
        guidance && generation.guidanceScale.value_or(1) == 1) {
        generation.guidanceScale = guidance;
    }
    if (generation.guidanceScale && *generation.guidanceScale < 0) generation.guidanceScale.reset();
    if (const FoundJson* chosen = find(start, {"sampler"}, {"sampler_name"}))
        generation.sampler = textOf((*chosen)["inputs"], "sampler_name");
    size(start, generation);

    const Names modelNames = {"ckpt_name", "unet_name", "model_name"};
    const FoundJson* loader = find(start, {"model", "guider"}, modelNames);
    for (const char* name : modelNames) {
        const FoundJson* value = input(loader, name);
        if (value == nullptr || !value->is_string() || !generation.model.empty()) continue;
        const std::string file = cleanText(value->get_ref<const std::string&>());
        generation.model = file.substr(file.find_last_of("/\\") + 1);
    }
    return generation;
}

}  // namespace

std::optional<Generation> parseComfyGraph(std::string_view graph) {
    const auto json = parseFound(graph);
    if (!json || !json->is_object()) return std::nullopt;
    return Graph(*json).read();
}

}  // namespace host::imaging
