// A few long-lived connections for reading. A thread that finds none free waits a bounded time.
// Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "store/sqlite/connection.hpp"
#include "support/sync.hpp"

namespace host::store {

class ReaderPool {
  public:
    static Result<std::unique_ptr<ReaderPool>> open(const std::string& path, int size,
                                                    std::chrono::milliseconds patience,
                                                    const Connection::Options& options);

    // Runs `body(Connection&)` on a free connection inside a read transaction and gives what it
    // gives, or the error that came up in between.
    template <typename Body>
    auto read(Body&& body) -> Result<std::invoke_result_t<Body, Connection&>> {
        auto connection = take();
        if (!connection) return connection.error();
        const Lease lease(*this, *connection);
        const ReadTransaction transaction(**connection);
        auto value = body(**connection);
        if ((*connection)->failed()) return (*connection)->takeError();
        return value;
    }

    // Waits for the readers that are at work, closes all; later reads are refused.
    void close();

  private:
    class Lease {
      public:
        Lease(ReaderPool& pool, Connection* connection) : pool_(pool), connection_(connection) {}
        ~Lease() { pool_.giveBack(connection_); }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;

      private:
        ReaderPool& pool_;
        Connection* connection_;
    };

    explicit ReaderPool(std::chrono::milliseconds patience) : patience_(patience) {}
    Result<Connection*> take();
    void giveBack(Connection* connection);

    const std::chrono::milliseconds patience_;
    Mutex mutex_;
    CondVar changed_;
    std::vector<std::unique_ptr<Connection>> all_ IPL_GUARDED_BY(mutex_);
    std::vector<Connection*> free_ IPL_GUARDED_BY(mutex_);
    bool closed_ IPL_GUARDED_BY(mutex_) = false;
};

}  // namespace host::store
