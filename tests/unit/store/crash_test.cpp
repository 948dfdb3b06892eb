#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>

#include "store_fixture.hpp"

namespace {

using namespace host::store;

// Starts the helper that submits as fast as it can and prints each id when it is acknowledged,
// kills it after a while, gives what it had printed.
std::vector<std::string> runAndKill(const std::filesystem::path& database, int round,
                                    std::size_t acknowledged) {
    int pipe[2] = {};
    EXPECT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
    const std::string helper = std::string(IPL_BIN_DIR) + "/store_crash_helper";
    const std::string first = std::to_string(round * 100000);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(pipe[1], 1);
        ::execl(helper.c_str(), helper.c_str(), database.c_str(), first.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(pipe[1]);
    std::string text;
    char buffer[4096];
    bool killed = false;
    while (true) {
        const ssize_t got = ::read(pipe[0], buffer, sizeof buffer);
        if (got <= 0) break;
        text.append(buffer, static_cast<std::size_t>(got));
        if (!killed && text.size() / 9 >= acknowledged) {
            ::kill(child, SIGKILL);
            killed = true;
        }
    }
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
    std::vector<std::string> ids;
    for (std::size_t at = 0; at + 9 <= text.size(); at += 9)
        ids.push_back(text.substr(at, 8));
    return ids;
}

TEST(CrashTest, EveryAcknowledgedJobSurvivesKillsAtRandomMomentsInOrder) {
    const test::TempDir dir;
    std::mt19937 random(std::random_device{}());
    std::vector<std::string> acknowledged;
    for (int round = 0; round < 25; ++round) {
        const std::size_t moment = 1 + random() % 150;
        const auto ids = runAndKill(dir / "jobs.db", round + 100, moment);
        ASSERT_GE(ids.size(), moment);
        acknowledged.insert(acknowledged.end(), ids.begin(), ids.end());
    }
    auto store = openSqliteStore(dir / "jobs.db");
    ASSERT_TRUE(store.ok()) << store.error().message;
    const auto open = (*store)->openJobs();
    ASSERT_TRUE(open.ok());
    ASSERT_GE(open->size(), acknowledged.size());
    std::size_t next = 0;
    for (const JobDetail& detail : *open) {
        if (next < acknowledged.size() && detail.job.id == acknowledged[next]) ++next;
        // Whole changes only: the job, its item and its event came together.
        ASSERT_EQ(detail.items.size(), 1U) << detail.job.id;
        ASSERT_EQ((*store)->events(0, 10, detail.job.id)->size(), 1U) << detail.job.id;
    }
    EXPECT_EQ(next, acknowledged.size()) << "a job was lost or is out of order";
}

}  // namespace
