#include "store/sqlite/schema.hpp"

#include <spdlog/spdlog.h>

#include <charconv>

#include "support/version.hpp"

namespace host::store {

namespace {

// The row id of a job is its order of submission, so pages of jobs walk the table itself.
constexpr const char* kJobs = R"(
CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL CHECK (status IN ('queued','running','completed','failed','cancelled')),
    priority INTEGER NOT NULL DEFAULT 0,
    client TEXT NOT NULL DEFAULT '',
    correlation_id TEXT NOT NULL DEFAULT '',
    prompt TEXT NOT NULL DEFAULT '',
    request TEXT NOT NULL,
    input_file TEXT NOT NULL DEFAULT '',
    count INTEGER NOT NULL,
    created_at REAL NOT NULL,
    started_at REAL,
    completed_at REAL,
    error TEXT NOT NULL DEFAULT ''
))";

constexpr const char* kItems = R"(
CREATE TABLE items (
    job_id TEXT NOT NULL REFERENCES jobs(id),
    kind TEXT NOT NULL CHECK (kind IN ('prompt','image')),
    run INTEGER NOT NULL,
    slot TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued','running','done','failed','cancelled')),
    endpoint TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    host_deaths INTEGER NOT NULL DEFAULT 0,
    started_at REAL,
    finished_at REAL,
    lease_until REAL,
    files TEXT NOT NULL DEFAULT '[]',
    result TEXT NOT NULL DEFAULT '{}',
    error TEXT NOT NULL DEFAULT '',
    UNIQUE (job_id, kind, run, slot)
))";

constexpr const char* kAttempts = R"(
CREATE TABLE attempts (
    job_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    run INTEGER NOT NULL,
    slot TEXT NOT NULL,
    number INTEGER NOT NULL,
    endpoint TEXT NOT NULL DEFAULT '',
    started_at REAL NOT NULL,
    ended_at REAL,
    outcome TEXT NOT NULL,
    error TEXT NOT NULL DEFAULT '',
    UNIQUE (job_id, kind, run, slot, number)
))";

// The id grows with mtime (see imageIdBase), so the text index gives its hits newest first.
constexpr const char* kImages = R"(
CREATE TABLE images (
    id INTEGER PRIMARY KEY,
    filename TEXT NOT NULL UNIQUE,
    job_id TEXT NOT NULL DEFAULT '',
    run INTEGER NOT NULL DEFAULT 0,
    endpoint TEXT NOT NULL DEFAULT '',
    prompt TEXT NOT NULL DEFAULT '',
    seed INTEGER,
    width INTEGER,
    height INTEGER,
    size INTEGER NOT NULL,
    mtime REAL NOT NULL,
    starred INTEGER NOT NULL DEFAULT 0
))";

constexpr const char* kImagesText = R"(
CREATE VIRTUAL TABLE images_text USING fts5(
    prompt, filename, endpoint, content='images', content_rowid='id',
    tokenize='unicode61 remove_diacritics 2'))";

constexpr const char* kImagesTextInsert = R"(
CREATE TRIGGER images_text_insert AFTER INSERT ON images BEGIN
    INSERT INTO images_text(rowid, prompt, filename, endpoint)
    VALUES (new.id, new.prompt, new.filename, new.endpoint);
END)";

constexpr const char* kImagesTextDelete = R"(
CREATE TRIGGER images_text_delete AFTER DELETE ON images BEGIN
    INSERT INTO images_text(images_text, rowid, prompt, filename, endpoint)
    VALUES ('delete', old.id, old.prompt, old.filename, old.endpoint);
END)";

constexpr const char* kImagesTextUpdate = R"(
CREATE TRIGGER images_text_update AFTER UPDATE OF id, prompt, filename, endpoint ON images BEGIN
    INSERT INTO images_text(images_text, rowid, prompt, filename, endpoint)
    VALUES ('delete', old.id, old.prompt, old.filename, old.endpoint);
    INSERT INTO images_text(rowid, prompt, filename, endpoint)
    VALUES (new.id, new.prompt, new.filename, new.endpoint);
END)";

const Migration& firstVersion() {
    static const Migration statements = {
        kJobs,
        // Serves pages by status (newest first by the row id behind it) and what is open at start.
        "CREATE INDEX jobs_by_status ON jobs(status)",
        "CREATE INDEX jobs_finished ON jobs(completed_at)"
        " WHERE status IN ('completed','failed','cancelled')",
        kItems,
        // What a restart must look at, also of jobs that are finished (cancelled) already.
        "CREATE INDEX items_open ON items(job_id) WHERE state IN ('queued','running')",
        kAttempts,
        kImages,
        "CREATE INDEX images_by_time ON images(mtime DESC, filename)",
        "CREATE INDEX images_by_endpoint ON images(endpoint, mtime DESC, filename)",
        kImagesText,
        kImagesTextInsert,
        kImagesTextDelete,
        kImagesTextUpdate,
        "CREATE TABLE events ("
        " id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, type TEXT NOT NULL,"
        " job_id TEXT NOT NULL DEFAULT '', data TEXT NOT NULL)",
        "CREATE INDEX events_by_job ON events(job_id) WHERE job_id <> ''",
        "CREATE TABLE idempotency ("
        " client TEXT NOT NULL, key TEXT NOT NULL, body_hash TEXT NOT NULL, job_id TEXT NOT NULL,"
        " created_at REAL NOT NULL, PRIMARY KEY (client, key)) WITHOUT ROWID",
        "CREATE INDEX idempotency_by_age ON idempotency(created_at)",
        // Lines that are committed but perhaps not yet in the result log's file.
        "CREATE TABLE result_lines (id INTEGER PRIMARY KEY AUTOINCREMENT, line TEXT NOT NULL)",
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        std::string("INSERT INTO meta VALUES ('made_by_version', '") + kVersion + "')",
    };
    return statements;
}

// Version 2: the trash, and what filters ask for, also together with words: the full-text index
// holds words of our own in `marks`. `cjk` has the characters of scripts without spaces one by one;
// see search_text.hpp, which also gives `spaced_cjk`.
const Migration& secondVersion() {
    static const Migration statements = {
        "ALTER TABLE images ADD COLUMN trashed_at REAL",
        "ALTER TABLE images ADD COLUMN trash_file TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE images ADD COLUMN former_name TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE images ADD COLUMN cjk TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE images ADD COLUMN trashed INTEGER"
        " GENERATED ALWAYS AS (trashed_at IS NOT NULL) VIRTUAL",
        "ALTER TABLE images ADD COLUMN marks TEXT GENERATED ALWAYS AS ("
        " iif(trashed_at IS NULL, 'live', 'trashed') || iif(starred, ' starred', '')"
        " || iif(job_id = '', '', ' job' || job_id)) VIRTUAL",
        "DROP TRIGGER images_text_insert",
        "DROP TRIGGER images_text_delete",
        "DROP TRIGGER images_text_update",
        "DROP TABLE images_text",
        "DROP INDEX images_by_time",
        "DROP INDEX images_by_endpoint",
        "UPDATE images SET cjk = spaced_cjk(prompt, filename)"
        " WHERE spaced_cjk(prompt, filename) <> ''",
        "CREATE INDEX images_by_time ON images(trashed, mtime DESC, filename)",
        "CREATE INDEX images_by_endpoint ON images(trashed, endpoint, mtime DESC, filename)",
        "CREATE INDEX images_starred ON images(trashed, mtime DESC, filename) WHERE starred = 1",
        "CREATE INDEX images_starred_by_endpoint"
        " ON images(trashed, endpoint, mtime DESC, filename) WHERE starred = 1",
        "CREATE INDEX images_by_job ON images(job_id, mtime DESC, filename) WHERE job_id <> ''",
        "CREATE INDEX images_in_trash ON images(trashed_at, trash_file)"
        " WHERE trashed_at IS NOT NULL",
        "CREATE INDEX images_by_trash_file ON images(trash_file) WHERE trash_file <> ''",
        "CREATE INDEX images_by_former_name ON images(former_name, trashed_at)"
        " WHERE former_name <> ''",
        "CREATE VIRTUAL TABLE images_text USING fts5("
        " prompt, filename, endpoint, marks, cjk, content='images', content_rowid='id',"
        " tokenize='unicode61 remove_diacritics 2')",
        R"(
CREATE TRIGGER images_text_insert AFTER INSERT ON images BEGIN
    INSERT INTO images_text(rowid, prompt, filename, endpoint, marks, cjk)
    VALUES (new.id, new.prompt, new.filename, new.endpoint, new.marks, new.cjk);
END)",
        R"(
CREATE TRIGGER images_text_delete AFTER DELETE ON images BEGIN
    INSERT INTO images_text(images_text, rowid, prompt, filename, endpoint, marks, cjk)
    VALUES ('delete', old.id, old.prompt, old.filename, old.endpoint, old.marks, old.cjk);
END)",
        R"(
CREATE TRIGGER images_text_update AFTER UPDATE
OF id, prompt, filename, endpoint, starred, trashed_at, job_id, cjk ON images BEGIN
    INSERT INTO images_text(images_text, rowid, prompt, filename, endpoint, marks, cjk)
    VALUES ('delete', old.id, old.prompt, old.filename, old.endpoint, old.marks, old.cjk);
    INSERT INTO images_text(rowid, prompt, filename, endpoint, marks, cjk)
    VALUES (new.id, new.prompt, new.filename, new.endpoint, new.marks, new.cjk);
END)",
        "INSERT INTO images_text(images_text) VALUES ('rebuild')",
    };
    return statements;
}

std::int64_t askInteger(Connection& connection, const std::string& sql) {
    const std::string text = connection.askOnce(sql);
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

const std::vector<Migration>& migrations() {
    static const std::vector<Migration> steps = {firstVersion(), secondVersion()};
    return steps;
}

Error newerVersionError(const std::string& path, std::int64_t found, std::int64_t known) {
    return Error{ErrorCode::Internal,
                 "the database " + path + " has schema version " + std::to_string(found) +
                     ", this program (" + kVersion + ") knows versions up to " +
                     std::to_string(known) +
                     "; it was left untouched: use the newer program or another database_path"};
}

Result<int> migrate(Connection& connection, const std::vector<Migration>& steps,
                    const std::string& path) {
    const std::int64_t found = askInteger(connection, "PRAGMA user_version");
    const auto known = static_cast<std::int64_t>(steps.size());
    if (connection.failed()) return connection.takeError();
    if (found > known) return newerVersionError(path, found, known);
    if (found == known) return static_cast<int>(found);
    if (found > 0) {
        spdlog::info(
            "the database {} is being brought to a newer schema version; with a million "
            "pictures that takes half a minute",
            path);
    }

    connection.askOnce("PRAGMA journal_mode=DELETE");
    connection.executeOnce("PRAGMA synchronous=FULL");
    connection.executeOnce("BEGIN EXCLUSIVE");
    for (std::int64_t version = std::max<std::int64_t>(found, 0); version < known; ++version) {
        for (const std::string& statement : steps[static_cast<std::size_t>(version)]) {
            connection.executeOnce(statement);
        }
    }
    connection.executeOnce("PRAGMA application_id=" + std::to_string(kApplicationId));
    connection.executeOnce("PRAGMA user_version=" + std::to_string(known));
    connection.executeOnce("COMMIT");
    if (connection.failed()) {
        connection.rollBack();
        return connection.takeError();
    }
    return static_cast<int>(found);
}

}  // namespace host::store
