// Ordered name/value lists: header fields (names compared without case), query, form and path
// parameters (names compared exactly). Repeated names keep their order. Plain values, no locking.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace host::http {

enum class Names { Exact, AnyCase };

template <Names kNames>
class Fields {
  public:
    using Entry = std::pair<std::string, std::string>;

    void add(std::string name, std::string value) {
        entries_.emplace_back(std::move(name), std::move(value));
    }
    // Replaces the first entry of that name and drops the others, or adds it.
    void set(std::string_view name, std::string value);
    void erase(std::string_view name);

    // The first value, or nullptr. Valid until the list changes.
    const std::string* find(std::string_view name) const;
    bool has(std::string_view name) const { return find(name) != nullptr; }
    // The first value, or `fallback` (empty unless given).
    std::string get(std::string_view name, std::string_view fallback = {}) const;
    // Every value of that name, in the order of arrival.
    std::vector<std::string_view> all(std::string_view name) const;

    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }
    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }

  private:
    static bool same(std::string_view a, std::string_view b);
    std::vector<Entry> entries_;
};

using Headers = Fields<Names::AnyCase>;
using Params = Fields<Names::Exact>;

extern template class Fields<Names::Exact>;
extern template class Fields<Names::AnyCase>;

}  // namespace host::http
