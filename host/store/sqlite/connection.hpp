// One SQLite connection: a Poco::Data session with its long-lived prepared statements.
//
// Errors stick: after a statement failed, further ones do nothing until takeError() is called, so a
// sequence of statements is written plainly and checked once at its end. Threads: one at a time.
// Statements are kept for ever by their text, which must therefore be a literal; a Query must not
// outlive the connection.
#pragma once

#include <Poco/Data/Session.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "support/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace host::store {

class Connection;
class DatabaseState;
enum class Trouble : unsigned char;

// A statement on its way through its rows; resets it when it goes.
class Query {
  public:
    Query(Connection& connection, sqlite3_stmt* statement)
        : connection_(connection), statement_(statement) {}
    ~Query();
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    // False after the last row and on an error.
    bool next();

    bool isNull(int column) const;
    std::int64_t integer(int column) const;
    double real(int column) const;
    std::string text(int column) const;
    std::string_view view(int column) const;  // until the next next()
    std::optional<std::int64_t> optionalInteger(int column) const;
    std::optional<double> optionalReal(int column) const;

  private:
    Connection& connection_;
    sqlite3_stmt* statement_;  // null when it could not be prepared
};

class Connection {
  public:
    struct Options {
        std::chrono::milliseconds busyTimeout{5000};
        int cacheKiB = 2000;
        // Where failures are noted, and what is logged of them; null = nowhere, and all of them.
        std::shared_ptr<DatabaseState> state = nullptr;
        bool writes = false;  // failures of it mean that nothing can be written
    };
    // Opens or creates the file. `path` may also be an SQLite URI ("file:...").
    static Result<std::unique_ptr<Connection>> open(const std::string& path,
                                                    const Options& options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Runs one statement that gives no rows. False on an error, also an earlier one.
    template <typename... Args>
    bool run(const char* sql, const Args&... args) {
        sqlite3_stmt* statement = prepare(sql);
        int position = 0;
        (bind(statement, ++position, args, /*copy=*/false), ...);
        return finish(statement);
    }
    // Begins one that gives rows.
    template <typename... Args>
    Query query(const char* sql, const Args&... args) {
        sqlite3_stmt* statement = prepare(sql);
        int position = 0;
        (bind(statement, ++position, args, /*copy=*/true), ...);
        return Query(*this, statement);
    }
    // One that is needed once, such as a pragma or a part of the schema; through Poco::Data.
    bool executeOnce(const std::string& sql);
    // The first column of the first row; empty when there is none.
    std::string askOnce(const std::string& sql);

    std::int64_t lastRowId() const;
    int changes() const;
    // True between BEGIN and COMMIT; some errors end a transaction by themselves.
    bool inTransaction() const;
    // Ends a transaction without its changes, also after an error, which stays noted.
    void rollBack();
    // Runs "ROLLBACK TO x; RELEASE x", also after an error. False when the transaction is gone.
    bool rollBackTo(const char* sql);

    bool failed() const { return code_ != 0; }
    // What failed, for the log and for operators.
    const std::string& failureText() const { return message_; }
    // The sticky error as a value for callers; forgets it.
    Error takeError();

  private:
    friend class Query;
    explicit Connection(std::unique_ptr<Poco::Data::Session> session);

    sqlite3_stmt* prepare(const char* sql);
    bool finish(sqlite3_stmt* statement);
    void fail(int code);
    void note(int code, std::string message);
    Trouble failureKind() const;

    void bind(sqlite3_stmt* statement, int position, std::int64_t value, bool copy);
    void bind(sqlite3_stmt* statement, int position, int value, bool copy) {
        bind(statement, position, static_cast<std::int64_t>(value), copy);
    }
    void bind(sqlite3_stmt* statement, int position, std::uint32_t value, bool copy) {
        bind(statement, position, static_cast<std::int64_t>(value), copy);
    }
    void bind(sqlite3_stmt* statement, int position, std::uint64_t value, bool copy) {
        bind(statement, position, static_cast<std::int64_t>(value), copy);
    }
    void bind(sqlite3_stmt* statement, int position, bool value, bool copy) {
        bind(statement, position, static_cast<std::int64_t>(value ? 1 : 0), copy);
    }
    void bind(sqlite3_stmt* statement, int position, double value, bool copy);
    void bind(sqlite3_stmt* statement, int position, std::string_view value, bool copy);
    void bind(sqlite3_stmt* statement, int position, const std::string& value, bool copy) {
        bind(statement, position, std::string_view(value), copy);
    }
    void bind(sqlite3_stmt* statement, int position, const char* value, bool copy) {
        bind(statement, position, std::string_view(value), copy);
    }
    void bind(sqlite3_stmt* statement, int position, std::nullopt_t, bool copy);
    template <typename T>
    void bind(sqlite3_stmt* statement, int position, const std::optional<T>& value, bool copy) {
        if (value) {
            bind(statement, position, *value, copy);
        } else {
            bind(statement, position, std::nullopt, copy);
        }
    }

    std::unique_ptr<Poco::Data::Session> session_;
    sqlite3* handle_ = nullptr;  // the session's
    std::unordered_map<std::string_view, sqlite3_stmt*> statements_;
    std::shared_ptr<DatabaseState> state_;
    bool writes_ = false;
    int code_ = 0;
    std::string message_;
};

// Runs a body between BEGIN and COMMIT of a reading connection: one consistent view.
class ReadTransaction {
  public:
    explicit ReadTransaction(Connection& connection) : connection_(connection) {
        connection_.run("BEGIN");
    }
    ~ReadTransaction();
    ReadTransaction(const ReadTransaction&) = delete;
    ReadTransaction& operator=(const ReadTransaction&) = delete;

  private:
    Connection& connection_;
};

}  // namespace host::store
