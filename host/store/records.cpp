#include "store/records.hpp"

#include <array>

namespace host::store {

namespace {

constexpr std::array<std::string_view, 5> kJobStatus = {"queued", "running", "completed", "failed",
                                                        "cancelled"};
constexpr std::array<std::string_view, 2> kItemKind = {"prompt", "image"};
constexpr std::array<std::string_view, 5> kItemState = {"queued", "running", "done", "failed",
                                                        "cancelled"};

template <typename Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& names, std::string_view text) {
    for (std::size_t i = 0; i < N; ++i) {
        if (names[i] == text) return static_cast<Enum>(i);
    }
    return std::nullopt;
}

}  // namespace

std::string_view toString(JobStatus status) {
    return kJobStatus[static_cast<std::size_t>(status)];
}

std::optional<JobStatus> jobStatusFrom(std::string_view text) {
    return find<JobStatus>(kJobStatus, text);
}

std::string_view toString(ItemKind kind) {
    return kItemKind[static_cast<std::size_t>(kind)];
}

std::optional<ItemKind> itemKindFrom(std::string_view text) {
    return find<ItemKind>(kItemKind, text);
}

std::string_view toString(ItemState state) {
    return kItemState[static_cast<std::size_t>(state)];
}

std::optional<ItemState> itemStateFrom(std::string_view text) {
    return find<ItemState>(kItemState, text);
}

}  // namespace host::store
