#include "store/sqlite/connection.hpp"

#include <spdlog/spdlog.h>

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Exception.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>

#include "store/sqlite/database_state.hpp"
#include "store/sqlite/search_text.hpp"

namespace host::store {

namespace {

namespace keywords = Poco::Data::Keywords;

// What Poco throws carries SQLite's code only for errors of statements.
int codeOf(const Poco::Exception& exception, sqlite3* handle) {
    const int code = handle == nullptr ? SQLITE_OK : sqlite3_extended_errcode(handle);
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) return code;
    return exception.code() != 0 ? exception.code() : SQLITE_ERROR;
}

// SQLite says the same of every error of the disk, and has lost errno by then.
bool onReadOnlyDisk(sqlite3* handle) {
    const char* file = handle == nullptr ? nullptr : sqlite3_db_filename(handle, "main");
    return file != nullptr && ::access(file, W_OK) != 0 && errno == EROFS;
}

}  // namespace

Query::~Query() {
    if (statement_ != nullptr) {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
}

bool Query::next() {
    if (statement_ == nullptr || connection_.failed()) return false;
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) connection_.fail(code);
    return false;
}

bool Query::isNull(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Query::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

double Query::real(int column) const {
    return sqlite3_column_double(statement_, column);
}

std::string_view Query::view(int column) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (text == nullptr) return {};
    return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string Query::text(int column) const {
    return std::string(view(column));
}

std::optional<std::int64_t> Query::optionalInteger(int column) const {
    if (isNull(column)) return std::nullopt;
    return integer(column);
}

std::optional<double> Query::optionalReal(int column) const {
    if (isNull(column)) return std::nullopt;
    return real(column);
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path,
                                                     const Options& options) {
    static std::once_flag registered;
    std::call_once(registered, [] {
        // A connection is used by one thread at a time and nobody reads SQLite's own count of its
        // memory: without the locks for both.
        sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        Poco::Data::SQLite::Connector::registerConnector();
    });
    try {
        auto session = std::make_unique<Poco::Data::Session>("SQLite", path);
        std::unique_ptr<Connection> connection(new Connection(std::move(session)));
        connection->state_ = options.state;
        connection->writes_ = options.writes;
        sqlite3_busy_timeout(connection->handle_, static_cast<int>(options.busyTimeout.count()));
        connection->executeOnce("PRAGMA cache_size=-" + std::to_string(options.cacheKiB));
        addSearchFunctions(connection->handle_);
        // Savepoints keep their undo data in memory instead of in a temporary file.
        connection->executeOnce("PRAGMA temp_store=MEMORY");
        if (connection->failed()) return connection->takeError();
        return connection;
    } catch (const Poco::Exception& exception) {
        return Error{ErrorCode::Internal, "the database cannot be opened: " + exception.message()};
    }
}

Connection::Connection(std::unique_ptr<Poco::Data::Session> session)
    : session_(std::move(session)), handle_(Poco::Data::SQLite::Utility::dbHandle(*session_)) {
    sqlite3_extended_result_codes(handle_, 1);
}

Connection::~Connection() {
    for (const auto& [sql, statement] : statements_) {
        sqlite3_finalize(statement);
    }
    try {
        session_->close();
    } catch (const Poco::Exception& exception) {
        spdlog::warn("closing a database connection: {}", exception.displayText());
    }
}

sqlite3_stmt* Connection::prepare(const char* sql) {
    if (failed()) return nullptr;
    const std::string_view text(sql);
    const auto found = statements_.find(text);
    if (found != statements_.end()) return found->second;
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_, text.data(), static_cast<int>(text.size()) + 1,
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) {
        fail(code);
        return nullptr;
    }
    statements_.emplace(text, statement);
    return statement;
}

bool Connection::finish(sqlite3_stmt* statement) {
    if (statement == nullptr) return false;
    if (!failed()) {
        const int code = sqlite3_step(statement);
        if (code != SQLITE_DONE && code != SQLITE_ROW) fail(code);
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return !failed();
}

void Connection::bind(sqlite3_stmt* statement, int position, std::int64_t value, bool) {
    if (statement == nullptr) return;
    if (const int code = sqlite3_bind_int64(statement, position, value)) fail(code);
}

void Connection::bind(sqlite3_stmt* statement, int position, double value, bool) {
    if (statement == nullptr) return;
    if (const int code = sqlite3_bind_double(statement, position, value)) fail(code);
}

void Connection::bind(sqlite3_stmt* statement, int position, std::string_view value, bool copy) {
    if (statement == nullptr) return;
    // A null pointer would bind NULL.
    const char* data = value.data() == nullptr ? "" : value.data();
    const int code = sqlite3_bind_text64(statement, position, data, value.size(),
                                         copy ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8);
    if (code != SQLITE_OK) fail(code);
}

void Connection::bind(sqlite3_stmt* statement, int position, std::nullopt_t, bool) {
    if (statement == nullptr) return;
    if (const int code = sqlite3_bind_null(statement, position)) fail(code);
}

bool Connection::executeOnce(const std::string& sql) {
    if (failed()) return false;
    try {
        *session_ << sql, keywords::now;
    } catch (const Poco::Exception& exception) {
        note(codeOf(exception, handle_), exception.displayText());
    }
    return !failed();
}

std::string Connection::askOnce(const std::string& sql) {
    std::vector<std::string> rows;
    if (failed()) return {};
    try {
        *session_ << sql, keywords::into(rows), keywords::now;
    } catch (const Poco::Exception& exception) {
        note(codeOf(exception, handle_), exception.displayText());
    }
    return rows.empty() ? std::string() : rows.front();
}

std::int64_t Connection::lastRowId() const {
    return sqlite3_last_insert_rowid(handle_);
}

int Connection::changes() const {
    return sqlite3_changes(handle_);
}

bool Connection::inTransaction() const {
    return sqlite3_get_autocommit(handle_) == 0;
}

void Connection::rollBack() {
    if (inTransaction()) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

bool Connection::rollBackTo(const char* sql) {
    return inTransaction() && sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

void Connection::fail(int code) {
    note(code, sqlite3_errmsg(handle_));
}

void Connection::note(int code, std::string message) {
    if (failed()) return;
    code_ = code;
    message_ = std::move(message);
}

Trouble Connection::failureKind() const {
    switch (code_ & 0xff) {
        case SQLITE_FULL:
            return Trouble::Full;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
            return Trouble::Locked;
        case SQLITE_READONLY:
            return Trouble::ReadOnly;
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
            return onReadOnlyDisk(handle_) ? Trouble::ReadOnly : Trouble::Unreachable;
        case SQLITE_NOMEM:
            return Trouble::Memory;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_FORMAT:
            return Trouble::Damaged;
        default:
            return Trouble::Other;
    }
}

Error Connection::takeError() {
    const Trouble kind = failureKind();
    Error error;
    error.message = adviceOn(kind);
    // Waiting helps against all others.
    if (kind == Trouble::Damaged || kind == Trouble::Other) {
        error.code = ErrorCode::Internal;
    } else {
        error.code = ErrorCode::RefusingWork;
        error.retryAfterSeconds = 5;
    }
    if (!state_ || state_->failed(kind, writes_)) {
        spdlog::error("database: {} (SQLite {}: {})", error.message, code_, message_);
    }
    code_ = 0;
    message_.clear();
    return error;
}

ReadTransaction::~ReadTransaction() {
    if (!connection_.inTransaction()) return;
    if (connection_.failed() || !connection_.run("COMMIT")) connection_.rollBack();
}

}  // namespace host::store
