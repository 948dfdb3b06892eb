#include "store/sqlite/database_state.hpp"

#include <spdlog/spdlog.h>

namespace host::store {

namespace {

constexpr std::chrono::seconds kBetweenLines{30};

}  // namespace

std::string_view adviceOn(Trouble trouble) {
    switch (trouble) {
        case Trouble::None:
            return "";
        case Trouble::Full:
            return "the disk that holds the database is full; free some space, the host goes on by "
                   "itself";
        case Trouble::Locked:
            return "the database is locked by another program; end what it does, the host goes on "
                   "by itself";
        case Trouble::ReadOnly:
            return "the disk that holds the database is read-only; make it writable again, the "
                   "host goes on by itself";
        case Trouble::Unreachable:
            return "the database cannot be read or written at the moment; look after its disk, the "
                   "host goes on by itself";
        case Trouble::Memory:
            return "there is no memory for the database at the moment; try again";
        case Trouble::Damaged:
            return "the database is damaged; stop the host, put a backup in its place and start it "
                   "again";
        case Trouble::Other:
            break;
    }
    return "a database error; the host's log says which";
}

bool DatabaseState::failed(Trouble trouble, bool writing) {
    if (trouble == Trouble::Damaged) {
        trouble_.store(trouble, std::memory_order_relaxed);
    } else if (writing && trouble != Trouble::Other) {
        Trouble before = trouble_.load(std::memory_order_relaxed);
        while (before != Trouble::Damaged &&
               !trouble_.compare_exchange_weak(before, trouble, std::memory_order_relaxed)) {
        }
    }
    const Time now = std::chrono::steady_clock::now();
    const MutexLock lock(mutex_);
    std::optional<Time>& last = lines_[static_cast<std::size_t>(trouble)];
    if (last && now - *last < kBetweenLines) return false;
    last = now;
    return true;
}

void DatabaseState::written() {
    Trouble before = trouble_.load(std::memory_order_relaxed);
    if (before == Trouble::None || before == Trouble::Damaged) return;
    if (!trouble_.compare_exchange_strong(before, Trouble::None, std::memory_order_relaxed)) return;
    spdlog::info("database: it is written again");
    const MutexLock lock(mutex_);
    lines_ = {};
}

}  // namespace host::store
