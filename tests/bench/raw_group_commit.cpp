// Peer of P2: what SQLite itself can do. THREADS submitters each wait for their row of 500 bytes to
// be on disk; one writer puts what has gathered into one transaction (WAL, synchronous=FULL).
//   raw-group-commit FILE THREADS SECONDS    prints rows per second
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Batch {
    std::mutex mutex;
    std::condition_variable work;
    std::condition_variable done;
    std::uint64_t submitted = 0;
    std::uint64_t committed = 0;
    bool ending = false;
};

void run(sqlite3* database, const char* sql) {
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        std::fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(database));
        std::exit(1);
    }
}

void write(sqlite3* database, Batch& batch) {
    const std::string body(500, 'x');
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(database, "INSERT INTO jobs(id, status, request) VALUES(?, 'queued', ?)", -1,
                       &insert, nullptr);
    for (;;) {
        std::uint64_t upTo = 0;
        std::uint64_t from = 0;
        {
            std::unique_lock lock(batch.mutex);
            batch.work.wait(lock,
                            [&] { return batch.ending || batch.submitted > batch.committed; });
            if (batch.submitted == batch.committed) break;
            from = batch.committed;
            upTo = batch.submitted;
        }
        run(database, "BEGIN IMMEDIATE");
        for (std::uint64_t id = from; id < upTo; ++id) {
            sqlite3_bind_int64(insert, 1, static_cast<sqlite3_int64>(id));
            sqlite3_bind_text(insert, 2, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
            sqlite3_step(insert);
            sqlite3_reset(insert);
        }
        run(database, "COMMIT");
        const std::scoped_lock lock(batch.mutex);
        batch.committed = upTo;
        batch.done.notify_all();
    }
    sqlite3_finalize(insert);
}

void submit(Batch& batch, const std::atomic<bool>& stop) {
    while (!stop) {
        std::unique_lock lock(batch.mutex);
        const std::uint64_t mine = ++batch.submitted;
        batch.work.notify_one();
        batch.done.wait(lock, [&] { return batch.committed >= mine; });
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 64;
    const int threads = std::atoi(argv[2]);
    const double seconds = std::atof(argv[3]);
    sqlite3* database = nullptr;
    if (sqlite3_open(argv[1], &database) != SQLITE_OK) return 1;
    run(database, "PRAGMA journal_mode=WAL");
    run(database, "PRAGMA synchronous=FULL");
    run(database, "CREATE TABLE jobs(id INTEGER PRIMARY KEY, status TEXT, request TEXT)");
    run(database, "CREATE INDEX waiting ON jobs(id) WHERE status = 'queued'");
    Batch batch;
    std::atomic<bool> stop{false};
    std::thread writer([&] { write(database, batch); });
    std::vector<std::thread> submitters;
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < threads; ++i)
        submitters.emplace_back([&] { submit(batch, stop); });
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    stop = true;
    for (std::thread& thread : submitters)
        thread.join();
    const double took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    {
        const std::scoped_lock lock(batch.mutex);
        batch.ending = true;
    }
    batch.work.notify_one();
    writer.join();
    sqlite3_close(database);
    std::printf("%.1f\n", static_cast<double>(batch.committed) / took);
    return 0;
}
