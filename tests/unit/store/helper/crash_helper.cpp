// Submits jobs to a store as fast as it can, until it is killed; prints each id once the job is on
// disk. Arguments: the database, the number of the first job.
#include <spdlog/spdlog.h>

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>

#include "store/sqlite_store.hpp"

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    spdlog::set_level(spdlog::level::off);  // it would write to the same pipe
    auto opened = host::store::openSqliteStore(argv[1]);
    if (!opened) return 1;
    std::atomic<int> inFlight = 0;
    for (int number = std::atoi(argv[2]);; ++number) {
        while (inFlight > 64)
            std::this_thread::yield();
        ++inFlight;
        host::store::ChangeSet change;
        change.newJob.emplace();
        change.newJob->id = std::to_string(number);
        change.newJob->request = {{"prompt", std::string(500, 'x')}};
        host::store::ItemRow item;
        item.key.jobId = change.newJob->id;
        change.items.push_back(item);
        change.events.push_back({.time = 1, .type = "job", .jobId = item.key.jobId, .data = "{}"});
        (*opened)->commit(std::move(change), [&inFlight, number](const auto& outcome) {
            --inFlight;
            if (!outcome.ok()) ::_exit(3);
            const std::string line = std::to_string(number) + "\n";
            if (::write(1, line.data(), line.size()) < 0) ::_exit(4);
        });
    }
}
