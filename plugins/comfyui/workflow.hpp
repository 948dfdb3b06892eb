// A workflow template: the graph that ComfyUI's "Export (API)" writes, and the places in it that a
// request fills. The places come from the settings (`mapping`) or, for what these leave out, from
// the classes of the nodes: the sampler and its scheduler, the texts that are linked to its
// positive and negative input, the empty latent, LoadImage, LoadImageMask, the loader of the model;
// where their input is linked to a primitive, the primitive. A graph without a place for the prompt
// is refused, and so is one without a place for the seed, unless `mapping` says that it has none.
// Immutable after the constructor, safe on any thread. Faults are thrown as ipl::Error
// kInvalidArgument that names setting, node, input.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/upstream.hpp"

namespace comfyui {

inline constexpr std::size_t kMaxNodes = 2000;

// What a template can have a place for.
enum class Slot {
    Prompt,
    NegativePrompt,
    Seed,
    Steps,
    Guidance,
    Width,
    Height,
    Image,
    Mask,
    Reference,
    Control,
    Strength,
    Model,
    Sampler,
    Scheduler
};
// As the key in `mapping`, such as "negative_prompt".
std::string_view nameOf(Slot slot);
// Of a graph: whether an input's value is a link to another node's output, ["6", 0].
bool isLink(const upstream::Json& value);
std::string classOf(const upstream::Json& node);

// The values of one run; what is absent leaves the template's own value. A value goes to all places
// of its slot; a list to one after the other.
using Values = std::map<Slot, upstream::Json>;

class Workflow {
  public:
    // setting: where faults are said to be, such as "/workflow". mapping: the settings object, or
    // null. outputNode: empty = all SaveImage nodes, or else all PreviewImage nodes.
    Workflow(upstream::Json graph, std::string setting, const upstream::Json& mapping,
             const std::string& outputNode);

    bool has(Slot slot) const { return places_.contains(slot); }
    std::size_t placesOf(Slot slot) const;
    // The template's own value at the slot's first place; null when it has none.
    upstream::Json valueOf(Slot slot) const;
    // Whether the slot's places hold different values of the template's own.
    bool differs(Slot slot) const;
    // The class of the node at the slot's first place; empty when it has none.
    std::string classAt(Slot slot) const;
    // What /object_info/CLASS of that class (its whole answer) lists for that place; null when it
    // lists nothing.
    upstream::Json choicesAt(Slot slot, std::string_view objectInfo) const;
    // The graph of one run.
    upstream::Json filled(const Values& values) const;
    const std::set<std::string>& outputNodes() const { return outputs_; }
    // Whether that node draws in steps.
    bool isSampler(const std::string& node) const;
    // How many nodes of it draw in steps, as hires fix does twice.
    std::size_t samplers() const;
    // Every class that stands in it, each once.
    std::set<std::string> classes() const;
    // What the server's /object_info/CLASS (its whole answer) says against the nodes of that class,
    // filled in: the class does not exist, or a chosen value is not in the list. Empty when all is
    // well.
    std::string faultsAgainst(const std::string& className, const Values& values,
                              std::string_view objectInfo) const;

  private:
    struct Place {
        std::string node;
        std::string input;
        bool operator==(const Place&) const = default;
    };
    [[noreturn]] void fault(const std::string& message) const;
    void takeMapping(const upstream::Json& mapping);
    void findByClass();
    void findOutputs(const std::string& outputNode);
    void findTexts(const std::string& sampler);
    std::optional<std::string> textBehind(const std::string& node, const std::string& input) const;
    const upstream::Json* inputsOf(const std::string& node) const;
    std::string describe(const std::string& node) const;
    void add(Slot slot, const std::string& node, const std::string& input);
    std::optional<Place> primitiveBehind(Slot slot, const Place& place) const;
    bool takesPicture(const Place& place) const;

    upstream::Json graph_;
    std::string setting_;
    std::map<Slot, std::vector<Place>> places_;
    std::set<std::string> outputs_;
};

}  // namespace comfyui
