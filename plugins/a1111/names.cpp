#include "a1111/names.hpp"

#include <algorithm>

#include "ipl/error.hpp"

namespace a1111 {

namespace {

using upstream::Json;

constexpr std::size_t kMaxListed = 10'000;
constexpr std::size_t kMaxName = 500;
constexpr std::size_t kMaxShown = 200;  // characters of a list in a message

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
}

// The family writes one name in several ways: "Euler a", "euler_a", "k_euler_a"; "DPM++ 2M",
// "dpm++2m", "k_dpmpp_2m".
std::string folded(std::string_view name) {
    std::string out = lower(name);
    if (out.starts_with("k_")) out.erase(0, 2);
    std::erase_if(out, [](char c) { return c == ' ' || c == '_' || c == '-'; });
    if (const std::size_t at = out.find("pp"); at != out.npos) out.replace(at, 2, "++");
    return out;
}

void addText(std::vector<std::string>& to, const Json& entry, const char* name) {
    const auto found = entry.find(name);
    if (found == entry.end() || !found->is_string()) return;
    const auto& text = found->get_ref<const std::string&>();
    if (!text.empty() && text.size() <= kMaxName) to.push_back(text);
}

// fields: the first of them that an entry has names it, the rest are other names.
List readList(std::string_view body, std::initializer_list<const char*> fields) {
    const auto json = upstream::parseJson(body);
    if (!json || !json->is_array()) return std::nullopt;
    std::vector<Listed> list;
    for (const Json& entry : *json) {
        if (list.size() == kMaxListed) break;
        if (!entry.is_object()) continue;
        std::vector<std::string> names;
        for (const char* const field : fields)
            addText(names, entry, field);
        if (names.empty()) continue;
        const auto aliases = entry.find("aliases");
        if (aliases != entry.end() && aliases->is_array()) {
            for (const Json& alias : *aliases) {
                if (names.size() == kMaxListed) break;
                if (alias.is_string()) names.push_back(alias.get<std::string>());
            }
        }
        list.push_back({names.front(), {names.begin() + 1, names.end()}});
    }
    if (list.empty()) return std::nullopt;
    return list;
}

template <typename Same>
const Listed* findBy(const std::vector<Listed>& list, Same same) {
    for (const Listed& each : list)
        if (same(each.name)) return &each;
    for (const Listed& each : list)
        if (std::ranges::any_of(each.others, same)) return &each;
    return nullptr;
}

const Listed* find(const std::vector<Listed>& list, std::string_view name) {
    if (const Listed* exact =
            findBy(list, [name](const std::string& each) { return each == name; }))
        return exact;
    const std::string wanted = folded(name);
    return findBy(list, [&wanted](const std::string& each) { return folded(each) == wanted; });
}

const Listed* findCheckpoint(const std::vector<Listed>& list, std::string_view name) {
    if (const Listed* exact =
            findBy(list, [name](const std::string& each) { return each == name; }))
        return exact;
    std::string wanted = lower(name);
    // Its hash may not be computed yet there, or be another one by now.
    if (const std::size_t hash = wanted.rfind(" ["); hash != wanted.npos && wanted.ends_with(']'))
        wanted.resize(hash);
    if (wanted.empty()) return nullptr;
    const Listed* best = nullptr;
    for (const Listed& each : list) {
        const bool fits = lower(each.name).find(wanted) != std::string::npos;
        if (fits && (best == nullptr || each.name.size() < best->name.size())) best = &each;
    }
    if (best != nullptr) return best;
    return findBy(list, [&wanted](const std::string& each) { return lower(each) == wanted; });
}

// SD.Next fetches these by themselves.
bool isElsewhere(std::string_view model) {
    return model.starts_with("huggingface/") || model.starts_with("https://");
}

class Faults {
  public:
    void add(const char* setting, const char* what, const std::string& name,
             const std::vector<Listed>& list) {
        std::string shown;
        for (const Listed& each : list) {
            if (shown.size() > kMaxShown) {
                shown += ", ...";
                break;
            }
            shown += (shown.empty() ? "" : ", ") + each.name;
        }
        if (field_.empty()) field_ = std::string("/") + setting;
        message_ += (message_.empty() ? "" : "; ") + std::string("the server has no ") + what +
                    " '" + upstream::excerpt(name, 100) + "': set \"" + setting +
                    "\" to one that it lists (" + upstream::excerpt(shown, kMaxShown + kMaxName) +
                    "), or leave it empty for the server's own";
    }
    void raise() const {
        if (!message_.empty()) throw ipl::Error(ipl::Status::kUnsupported, message_, field_);
    }

  private:
    std::string field_;
    std::string message_;
};

// "DPM++ 2M Karras" as its two parts, when both are listed.
bool takeApart(Settings& settings, const Lists& lists) {
    for (const Listed& scheduler : *lists.schedulers) {
        std::vector<std::string> names = scheduler.others;
        names.push_back(scheduler.name);
        for (const std::string& name : names) {
            const std::string tail = " " + lower(name);
            if (!lower(settings.sampler).ends_with(tail)) continue;
            const Listed* sampler = find(
                *lists.samplers, settings.sampler.substr(0, settings.sampler.size() - tail.size()));
            if (sampler == nullptr) continue;
            settings.sampler = sampler->name;
            if (settings.scheduler.empty()) settings.scheduler = scheduler.name;
            return true;
        }
    }
    return false;
}

}  // namespace

List readSamplers(std::string_view body) {
    return readList(body, {"name"});
}

List readSchedulers(std::string_view body) {
    return readList(body, {"label", "name"});
}

List readCheckpoints(std::string_view body) {
    return readList(body, {"title", "model_name", "filename", "hash", "sha256"});
}

Settings asListed(Settings settings, const Lists& lists) {
    Faults faults;
    if (lists.samplers && !settings.sampler.empty()) {
        if (const Listed* sampler = find(*lists.samplers, settings.sampler)) {
            settings.sampler = sampler->name;
        } else if (!lists.schedulers || !takeApart(settings, lists)) {
            faults.add("sampler", "sampler", settings.sampler, *lists.samplers);
        }
    }
    if (lists.schedulers && !settings.scheduler.empty()) {
        if (const Listed* scheduler = find(*lists.schedulers, settings.scheduler)) {
            settings.scheduler = scheduler->name;
        } else if (folded(settings.scheduler) == "automatic") {
            settings.scheduler.clear();  // A1111's word for the server's own
        } else {
            faults.add("scheduler", "scheduler", settings.scheduler, *lists.schedulers);
        }
    }
    if (lists.checkpoints && !settings.model.empty() && !isElsewhere(settings.model)) {
        if (const Listed* checkpoint = findCheckpoint(*lists.checkpoints, settings.model)) {
            settings.model = checkpoint->name;
        } else {
            faults.add("model", "model", settings.model, *lists.checkpoints);
        }
    }
    faults.raise();
    return settings;
}

}  // namespace a1111
