#include "http/fields.hpp"

#include <algorithm>

#include "support/text.hpp"

namespace host::http {

template <Names kNames>
bool Fields<kNames>::same(std::string_view a, std::string_view b) {
    if constexpr (kNames == Names::Exact) return a == b;
    return iequals(a, b);
}

template <Names kNames>
void Fields<kNames>::set(std::string_view name, std::string value) {
    const auto first = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return same(entry.first, name); });
    if (first == entries_.end()) return add(std::string(name), std::move(value));
    first->second = std::move(value);
    entries_.erase(std::remove_if(first + 1, entries_.end(),
                                  [&](const Entry& entry) { return same(entry.first, name); }),
                   entries_.end());
}

template <Names kNames>
void Fields<kNames>::erase(std::string_view name) {
    std::erase_if(entries_, [&](const Entry& entry) { return same(entry.first, name); });
}

template <Names kNames>
const std::string* Fields<kNames>::find(std::string_view name) const {
    for (const Entry& entry : entries_) {
        if (same(entry.first, name)) return &entry.second;
    }
    return nullptr;
}

template <Names kNames>
std::string Fields<kNames>::get(std::string_view name, std::string_view fallback) const {
    const std::string* value = find(name);
    return value != nullptr ? *value : std::string(fallback);
}

template <Names kNames>
std::vector<std::string_view> Fields<kNames>::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const Entry& entry : entries_) {
        if (same(entry.first, name)) values.emplace_back(entry.second);
    }
    return values;
}

template class Fields<Names::Exact>;
template class Fields<Names::AnyCase>;

}  // namespace host::http
