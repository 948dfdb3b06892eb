#include "store/sqlite_store.hpp"

#include <spdlog/spdlog.h>

#include "store/sqlite/open_rules.hpp"
#include "store/sqlite/schema.hpp"
#include "store/sqlite/sqlite_job_store.hpp"
#include "support/clock.hpp"

namespace host::store {

namespace {

namespace fs = std::filesystem;

// For the ages of idempotency keys: the time of day at the start, and from there what really goes
// by. A clock that is set right under a running host must not forget the keys of just now.
std::function<double()> steadyEpoch() {
    const double start = epochNow();
    const auto begun = std::chrono::steady_clock::now();
    return [start, begun] {
        const auto since = std::chrono::steady_clock::now() - begun;
        return start + std::chrono::duration<double>(since).count();
    };
}

Error atPath(const fs::path& database, Error error) {
    if (error.message.find(database.string()) != std::string::npos) return error;
    error.message = "the database " + database.string() + ": " + error.message;
    return error;
}

// Touches every table and the schema, so that gross damage shows before anything is written. (A
// full check reads the whole file and is left to the operator.)
void lookAround(Connection& connection) {
    for (const char* table :
         {"jobs", "items", "attempts", "images", "events", "idempotency", "result_lines", "meta"}) {
        connection.askOnce(std::string("SELECT count(*) FROM (SELECT * FROM ") + table +
                           " LIMIT 10)");
    }
    connection.askOnce("SELECT count(*) FROM (SELECT * FROM jobs ORDER BY seq DESC LIMIT 10)");
}

Result<std::unique_ptr<Connection>> openForWriting(const fs::path& database,
                                                   const OpenOptions& options,
                                                   const std::shared_ptr<DatabaseState>& state) {
    auto opened = Connection::open(
        database.string(),
        {.busyTimeout = options.busyTimeout, .cacheKiB = 16000, .state = state, .writes = true});
    if (!opened) return atPath(database, opened.error());
    Connection& connection = **opened;
    const auto before = migrate(connection, migrations(), database.string());
    if (!before) return atPath(database, before.error());
    const int newest = static_cast<int>(migrations().size());
    if (*before == 0) {
        spdlog::info("a new database was made: {}", database.string());
    } else if (*before != newest) {
        spdlog::info("the database {} was brought from schema version {} to {}", database.string(),
                     *before, newest);
    }
    lookAround(connection);
    if (connection.failed()) {
        Error error = connection.takeError();
        error.message += "; it was left untouched";
        return atPath(database, std::move(error));
    }
    if (const std::string mode = connection.askOnce("PRAGMA journal_mode=WAL");
        !connection.failed() && mode != "wal") {
        return atPath(database, {ErrorCode::Internal,
                                 "its folder allows no write-ahead log (a network file system?)"});
    }
    connection.executeOnce("PRAGMA synchronous=FULL");
    connection.executeOnce("PRAGMA foreign_keys=1");
    connection.askOnce("PRAGMA wal_autocheckpoint=4000");  // pages: 16 MB of log
    connection.askOnce("PRAGMA journal_size_limit=67108864");
    if (connection.failed()) return atPath(database, connection.takeError());
    return opened;
}

}  // namespace

Result<std::unique_ptr<JobStore>> openSqliteStore(const fs::path& path,
                                                  const OpenOptions& options) {
    std::error_code ignored;
    const fs::path database = fs::absolute(path, ignored);
    if (database.has_parent_path()) fs::create_directories(database.parent_path(), ignored);
    if (fs::is_directory(database, ignored)) {
        return Error{ErrorCode::Internal, "the database " + database.string() + " is a folder"};
    }
    // Before the file is looked at: another host may be about to change it.
    auto lock = FileLock::take(database.string() + ".lock");
    if (!lock) return lock.error();
    const Status prepared = prepareDatabaseFile(database, static_cast<int>(migrations().size()));
    if (!prepared) return prepared.error();

    auto state = std::make_shared<DatabaseState>();
    auto connection = openForWriting(database, options, state);
    if (!connection) return connection.error();
    auto readers = ReaderPool::open(database.string(), options.readers, options.readPatience,
                                    {.busyTimeout = options.busyTimeout, .state = state});
    if (!readers) return atPath(database, readers.error());
    auto writer = std::make_unique<GroupWriter>(
        std::move(*connection),
        GroupWriter::Options{.maxWaiting = options.maxWaiting,
                             .maxWaitingBytes = options.maxWaitingBytes,
                             .maxGroup = options.maxGroup,
                             .keepEvents = options.keepEvents,
                             .metrics = options.metrics,
                             .now = options.now ? options.now : steadyEpoch(),
                             .state = state});
    if (const Status started = writer->start(); !started) return atPath(database, started.error());
    return std::unique_ptr<JobStore>(std::make_unique<SqliteJobStore>(
        std::move(*lock), std::move(*readers), std::move(writer), std::move(state)));
}

}  // namespace host::store
