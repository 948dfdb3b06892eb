#include "store/sqlite/reader_pool.hpp"

namespace host::store {

Result<std::unique_ptr<ReaderPool>> ReaderPool::open(const std::string& path, int size,
                                                     std::chrono::milliseconds patience,
                                                     const Connection::Options& options) {
    std::unique_ptr<ReaderPool> pool(new ReaderPool(patience));
    const MutexLock lock(pool->mutex_);
    for (int i = 0; i < size; ++i) {
        auto connection = Connection::open(path, options);
        if (!connection) return connection.error();
        (*connection)->executeOnce("PRAGMA query_only=1");
        if ((*connection)->failed()) return (*connection)->takeError();
        pool->free_.push_back(connection->get());
        pool->all_.push_back(std::move(*connection));
    }
    return pool;
}

Result<Connection*> ReaderPool::take() {
    const auto until = std::chrono::steady_clock::now() + patience_;
    const MutexLock lock(mutex_);
    while (free_.empty() && !closed_) {
        if (!changed_.waitUntil(mutex_, until) && free_.empty() && !closed_) {
            return Error{.code = ErrorCode::RefusingWork,
                         .message = "the database is too busy to be read",
                         .retryAfterSeconds = 1};
        }
    }
    if (closed_) return Error{.code = ErrorCode::RefusingWork, .message = "the database is closed"};
    Connection* connection = free_.back();
    free_.pop_back();
    return connection;
}

void ReaderPool::giveBack(Connection* connection) {
    const MutexLock lock(mutex_);
    free_.push_back(connection);
    changed_.notifyAll();
}

void ReaderPool::close() {
    const MutexLock lock(mutex_);
    closed_ = true;
    changed_.notifyAll();
    while (free_.size() < all_.size())
        changed_.wait(mutex_);
    free_.clear();
    all_.clear();
}

}  // namespace host::store
