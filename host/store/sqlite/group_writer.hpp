// The one thread that writes: takes all changes that wait, writes each inside a savepoint of one
// transaction, commits once, announces the events, runs the completions. A change that fails or is
// refused leaves nothing and harms no other; when the commit fails, the whole group fails and the
// next one is tried as if nothing had been. While the database cannot be written and nothing waits,
// it tries every few seconds whether it can again.
//
// Bounds: the queue's number and bytes; beyond them changes are refused, in their turn, on the
// writer thread. Threads: submit(), figures(), setListener(), setChangeListener() and
// stop() from any.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "store/job_store.hpp"
#include "store/sqlite/change.hpp"
#include "store/sqlite/commit_figures.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/database_state.hpp"
#include "support/sync.hpp"

namespace host::store {

class GroupWriter {
  public:
    struct Options {
        std::size_t maxWaiting = 20000;
        std::size_t maxWaitingBytes = std::size_t{64} << 20;
        std::size_t maxGroup = 512;
        std::size_t maxGroupBytes = std::size_t{8} << 20;
        std::uint64_t keepEvents = 100000;
        MetricsRegistry* metrics = nullptr;
        std::function<double()> now;
        std::shared_ptr<DatabaseState> state;  // never null
    };

    // The connection is ready for writing.
    GroupWriter(std::unique_ptr<Connection> connection, Options options);
    ~GroupWriter();
    GroupWriter(const GroupWriter&) = delete;
    GroupWriter& operator=(const GroupWriter&) = delete;

    Status start();
    void setListener(EventListener listener);
    void setChangeListener(ChangeListener listener);
    void submit(ChangeSet change, Completion completion);
    StoreFigures figures() const;
    // Writes what waits and refuses all that comes later.
    void stop();
    // After stop(), when nobody reads any more: moves the log into the file and closes.
    void closeConnection();

  private:
    struct Waiting {
        PreparedChange prepared;
        Completion completion;
        bool refused = false;  // came when the queue was full: only its completion is due
    };
    struct Written {
        Result<CommitOutcome> outcome;
        bool keeps = false;  // wrote something that stays when the group is committed
    };

    void loop();
    bool waitForWork() IPL_REQUIRES(mutex_);
    void tryToWrite();
    std::vector<Waiting> takeGroup() IPL_REQUIRES(mutex_);
    std::vector<Written> writeGroup(std::vector<Waiting>& group);
    Written writeOne(Waiting& waiting);
    void finishGroup(std::vector<Waiting>& group, std::vector<Written>& written);
    void count(const std::vector<Waiting>& group, const std::vector<Written>& written,
               double seconds);
    void announceJobs(const std::vector<Waiting>& group, const std::vector<Written>& written);
    void announce(std::vector<Waiting>& group, const std::vector<Written>& written);

    const Options options_;
    std::unique_ptr<Connection> connection_;  // of the writer thread once it runs
    ChangeWriter changes_;
    CommitFigures counted_;

    mutable Mutex mutex_;
    CondVar wake_;
    std::deque<Waiting> queue_ IPL_GUARDED_BY(mutex_);
    std::size_t waiting_ IPL_GUARDED_BY(mutex_) = 0;  // of the queue, those not refused
    std::size_t waitingBytes_ IPL_GUARDED_BY(mutex_) = 0;
    bool stopping_ IPL_GUARDED_BY(mutex_) = false;
    EventListener listener_ IPL_GUARDED_BY(mutex_);
    ChangeListener changeListener_ IPL_GUARDED_BY(mutex_);
    StoreFigures figures_ IPL_GUARDED_BY(mutex_);
    std::thread thread_;
};

}  // namespace host::store
