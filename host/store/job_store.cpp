#include "store/job_store.hpp"

#include "support/sync.hpp"

namespace host::store {

namespace {

// Shared with the completion, which may come after the waiting thread is gone only if the store
// breaks its promise to run it; then the thread waits for ever, and that is visible.
struct Waiter {
    Mutex mutex;
    CondVar done;
    std::optional<Result<CommitOutcome>> outcome IPL_GUARDED_BY(mutex);
};

}  // namespace

Result<CommitOutcome> JobStore::commitAndWait(ChangeSet change) {
    auto waiter = std::make_shared<Waiter>();
    commit(std::move(change), [waiter](Result<CommitOutcome> outcome) {
        const MutexLock lock(waiter->mutex);
        waiter->outcome = std::move(outcome);
        waiter->done.notifyOne();
    });
    const MutexLock lock(waiter->mutex);
    while (!waiter->outcome)
        waiter->done.wait(waiter->mutex);
    return std::move(*waiter->outcome);
}

}  // namespace host::store
