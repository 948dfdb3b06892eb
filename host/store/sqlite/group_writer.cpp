#include "store/sqlite/group_writer.hpp"

#include <spdlog/spdlog.h>

namespace host::store {

namespace {

// How often a database that could not be written is tried when nothing waits for it.
constexpr std::chrono::seconds kTryAgain{2};

Error queueFull() {
    return Error{.code = ErrorCode::RefusingWork,
                 .message = "too much waits to be written to the database",
                 .retryAfterSeconds = 5};
}

Error closed() {
    return Error{.code = ErrorCode::RefusingWork, .message = "the database is closed"};
}

// Completions and listeners are other people's code; a throw must not end the writer.
template <typename Function, typename... Args>
void callGuarded(const Function& function, Args&&... args) {
    if (!function) return;
    try {
        function(std::forward<Args>(args)...);
    } catch (const std::exception& exception) {
        spdlog::error("a completion of the database writer has thrown: {}", exception.what());
    }
}

}  // namespace

GroupWriter::GroupWriter(std::unique_ptr<Connection> connection, Options options)
    : options_(std::move(options)),
      connection_(std::move(connection)),
      changes_(*connection_, options_.now),
      counted_(options_.metrics) {}

GroupWriter::~GroupWriter() {
    stop();
    closeConnection();
}

Status GroupWriter::start() {
    changes_.begin();
    if (connection_->failed()) return connection_->takeError();
    thread_ = std::thread([this] { loop(); });
    return Unit{};
}

void GroupWriter::setListener(EventListener listener) {
    const MutexLock lock(mutex_);
    listener_ = std::move(listener);
}

void GroupWriter::setChangeListener(ChangeListener listener) {
    const MutexLock lock(mutex_);
    changeListener_ = std::move(listener);
}

void GroupWriter::submit(ChangeSet change, Completion completion) {
    Waiting waiting{prepareChange(std::move(change)), std::move(completion)};
    const std::size_t bytes = waiting.prepared.bytes;
    Error refusal = closed();
    {
        const MutexLock lock(mutex_);
        // Refused ones only wait for their completion, but their number has a bound too.
        const bool hopeless = queue_.size() >= 4 * options_.maxWaiting;
        if (!stopping_ && !hopeless) {
            waiting.refused = waiting_ >= options_.maxWaiting ||
                              (waiting_ > 0 && waitingBytes_ + bytes > options_.maxWaitingBytes);
            if (waiting.refused) {
                waiting.prepared = {};
            } else {
                ++waiting_;
                waitingBytes_ += bytes;
            }
            queue_.push_back(std::move(waiting));
            if (queue_.size() == 1) wake_.notifyOne();
            return;
        }
        if (hopeless && !stopping_) refusal = queueFull();
    }
    callGuarded(waiting.completion, Result<CommitOutcome>(refusal));
}

StoreFigures GroupWriter::figures() const {
    const MutexLock lock(mutex_);
    StoreFigures figures = figures_;
    figures.waiting = waiting_;
    figures.waitingBytes = waitingBytes_;
    return figures;
}

void GroupWriter::stop() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
        wake_.notifyAll();
    }
    if (thread_.joinable()) thread_.join();
}

void GroupWriter::closeConnection() {
    if (!connection_) return;
    // An emptied log makes the next start quick and leaves one file to copy.
    if (!connection_->run("PRAGMA wal_checkpoint(TRUNCATE)")) {
        const Error error = connection_->takeError();
        spdlog::warn("the database's log stays for the next start: {}", error.message);
    }
    connection_.reset();
}

void GroupWriter::loop() {
    while (true) {
        std::vector<Waiting> group;
        bool idle = false;
        {
            const MutexLock lock(mutex_);
            idle = !waitForWork();
            if (!idle && queue_.empty()) return;
            group = takeGroup();
        }
        if (idle) {
            tryToWrite();
            continue;
        }
        const auto begun = std::chrono::steady_clock::now();
        std::vector<Written> written = writeGroup(group);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
        count(group, written, took.count());
        finishGroup(group, written);
    }
}

// False when there is none and it is time to try whether the database can be written again.
bool GroupWriter::waitForWork() {
    const auto until = std::chrono::steady_clock::now() + kTryAgain;
    while (queue_.empty() && !stopping_) {
        if (!options_.state->mayPass()) {
            wake_.wait(mutex_);
        } else if (!wake_.waitUntil(mutex_, until)) {
            return !queue_.empty() || stopping_;
        }
    }
    return true;
}

void GroupWriter::tryToWrite() {
    const bool written =
        connection_->run("BEGIN IMMEDIATE") &&
        connection_->run("UPDATE meta SET value = value WHERE key = 'made_by_version'") &&
        connection_->run("COMMIT");
    if (written) {
        options_.state->written();
        return;
    }
    connection_->rollBack();
    if (connection_->failed()) connection_->takeError();
}

std::vector<GroupWriter::Waiting> GroupWriter::takeGroup() {
    std::vector<Waiting> group;
    std::size_t bytes = 0;
    while (!queue_.empty() && group.size() < options_.maxGroup && bytes < options_.maxGroupBytes) {
        Waiting& next = queue_.front();
        if (!next.refused) {
            --waiting_;
            waitingBytes_ -= next.prepared.bytes;
            bytes += next.prepared.bytes;
        }
        group.push_back(std::move(next));
        queue_.pop_front();
    }
    return group;
}

// All or nothing: when the transaction itself fails, every outcome is that error.
std::vector<GroupWriter::Written> GroupWriter::writeGroup(std::vector<Waiting>& group) {
    std::vector<Written> written;
    written.reserve(group.size());
    bool any = false;
    bool lost = !connection_->run("BEGIN IMMEDIATE");
    for (Waiting& waiting : group) {
        if (waiting.refused) {
            written.push_back({queueFull()});
            continue;
        }
        if (!lost) {
            written.push_back(writeOne(waiting));
            any = any || written.back().keeps;
            lost = !connection_->inTransaction();
        } else {
            written.push_back({Error{}});
        }
    }
    Error why{ErrorCode::RefusingWork, "the database could not be written"};
    why.retryAfterSeconds = 5;
    if (!lost) {
        if (any) changes_.trim(options_.keepEvents);
        lost = !connection_->run("COMMIT");
    }
    if (connection_->failed()) why = connection_->takeError();
    if (!lost) {
        if (any) options_.state->written();
        return written;
    }
    connection_->rollBack();
    for (std::size_t i = 0; i < group.size(); ++i) {
        // What would have been refused or has failed by itself keeps its own answer only when it
        // did not depend on the changes before it; nobody can tell, so all are told to try again.
        if (!group[i].refused) written[i] = {why};
    }
    counted_.failedGroup();
    const MutexLock lock(mutex_);
    ++figures_.failedGroups;
    return written;
}

GroupWriter::Written GroupWriter::writeOne(Waiting& waiting) {
    connection_->run("SAVEPOINT change");
    CommitOutcome outcome = changes_.write(waiting.prepared);
    const bool refused = ChangeWriter::refuses(outcome);
    if (!connection_->failed() && !refused && connection_->run("RELEASE change")) {
        return {std::move(outcome), true};
    }
    // Not when the error has ended the transaction; then the whole group fails.
    if (!connection_->rollBackTo("ROLLBACK TO change; RELEASE change")) connection_->rollBack();
    if (!connection_->failed()) return {std::move(outcome)};
    if (!connection_->inTransaction()) return {Error{}};  // writeGroup takes the error
    return {connection_->takeError()};
}

void GroupWriter::count(const std::vector<Waiting>& group, const std::vector<Written>& written,
                        double seconds) {
    std::uint64_t kept = 0;
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (!written[i].outcome.ok() || !written[i].keeps) continue;
        ++kept;
        counted_.change(group[i].prepared.change);
    }
    if (kept == 0) return;
    counted_.group(kept, seconds);
    const MutexLock lock(mutex_);
    figures_.changes += kept;
    ++figures_.groups;
    figures_.largestGroup = std::max(figures_.largestGroup, kept);
}

void GroupWriter::finishGroup(std::vector<Waiting>& group, std::vector<Written>& written) {
    announceJobs(group, written);
    announce(group, written);
    for (std::size_t i = 0; i < group.size(); ++i) {
        callGuarded(group[i].completion, std::move(written[i].outcome));
    }
}

void GroupWriter::announceJobs(const std::vector<Waiting>& group,
                               const std::vector<Written>& written) {
    ChangeListener listener;
    {
        const MutexLock lock(mutex_);
        listener = changeListener_;
    }
    if (!listener) return;
    std::vector<std::string> jobs;
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (!written[i].keeps || !written[i].outcome.ok()) continue;
        const ChangeSet& change = group[i].prepared.change;
        if (change.reopen) jobs.push_back(*change.reopen);
        for (const JobUpdate& update : change.jobs)
            jobs.push_back(update.id);
        for (const ItemRow& item : change.items)
            jobs.push_back(item.key.jobId);
    }
    if (!jobs.empty()) callGuarded(listener, jobs);
}

void GroupWriter::announce(std::vector<Waiting>& group, const std::vector<Written>& written) {
    EventListener listener;
    {
        const MutexLock lock(mutex_);
        listener = listener_;
    }
    if (!listener) return;
    std::vector<EventRow> events;
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (!written[i].keeps || !written[i].outcome.ok()) continue;
        for (EventRow& event : group[i].prepared.change.events)
            events.push_back(std::move(event));
    }
    if (!events.empty()) callGuarded(listener, events);
}

}  // namespace host::store
