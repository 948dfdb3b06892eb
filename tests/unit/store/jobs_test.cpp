#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "store_fixture.hpp"

namespace {

using namespace host::store;
using test::addJob;
using test::makeJob;

class JobsTest : public test::StoreTest {};

ItemRow makeItem(const std::string& job, int run, const std::string& slot, ItemState state) {
    ItemRow item;
    item.key = {job, ItemKind::Image, run, slot};
    item.state = state;
    item.endpoint = slot;
    item.tries = 2;
    item.attempts = 1;
    return item;
}

TEST_F(JobsTest, AJobComesBackAsItWasHandedOverAlsoAfterARestart) {
    JobRow job = makeJob("aaaa0001");
    job.priority = -3;
    job.inputFile = "in.png";
    job.request["prompt"] = "quotes \" ' and \u00e4 and \xF0\x9F\x8E\xA8";
    ChangeSet change;
    change.newJob = job;
    commit(change);
    reopen();
    const auto found = store_->job("aaaa0001");
    ASSERT_TRUE(found.ok() && found->has_value());
    const JobRow& row = (*found)->job;
    EXPECT_EQ(row.request, job.request);
    EXPECT_EQ(row.request.dump(), job.request.dump()) << "the order of fields is kept";
    EXPECT_EQ(row.client, job.client);
    EXPECT_EQ(row.priority, -3);
    EXPECT_EQ(row.correlationId, job.correlationId);
    EXPECT_EQ(row.inputFile, "in.png");
    EXPECT_EQ(row.count, 2);
    EXPECT_EQ(row.createdAt, 1000.5);
    EXPECT_EQ(row.status, JobStatus::Queued);
    EXPECT_FALSE(row.startedAt.has_value());
    EXPECT_GT(row.seq, 0);
    EXPECT_FALSE(store_->job("nothere1")->has_value());
}

TEST_F(JobsTest, AFinishedJobIsOpenedAgainWithItsItemsOrNotAtAll) {
    commit(addJob("bbbb0009"));
    ChangeSet end;
    end.jobs.push_back({.id = "bbbb0009",
                        .status = JobStatus::Failed,
                        .startedAt = 3.0,
                        .completedAt = 4.0,
                        .error = "broken"});
    end.items.push_back(makeItem("bbbb0009", 0, "A", ItemState::Failed));
    commit(end);

    ChangeSet again;
    again.reopen = "bbbb0009";
    again.items.push_back(makeItem("bbbb0009", 0, "A", ItemState::Queued));
    EXPECT_FALSE(commit(again).conflict);
    reopen();
    const auto open = store_->openJobs();
    ASSERT_TRUE(open.ok());
    ASSERT_EQ(open->size(), 1U);
    const JobRow& row = open->front().job;
    EXPECT_EQ(row.status, JobStatus::Queued);
    EXPECT_FALSE(row.startedAt || row.completedAt);
    EXPECT_EQ(row.error, "");
    EXPECT_EQ(open->front().items.at(0).state, ItemState::Queued);
    EXPECT_TRUE(store_->recentlyFinished(10)->empty());

    again.items = {makeItem("bbbb0009", 0, "A", ItemState::Cancelled)};
    EXPECT_TRUE(commit(again).conflict) << "it is open";
    EXPECT_EQ((*store_->job("bbbb0009"))->items.at(0).state, ItemState::Queued);
    again.reopen = "nothere1";
    EXPECT_TRUE(commit(again).conflict);
}

TEST_F(JobsTest, OpenJobsComeInOrderOfSubmissionWithTheirItems) {
    for (const char* id : {"bbbb0003", "bbbb0001", "bbbb0002", "bbbb0004"})
        commit(addJob(id));
    ChangeSet change;
    change.jobs.push_back({.id = "bbbb0001", .status = JobStatus::Completed, .completedAt = 5.0});
    change.jobs.push_back({.id = "bbbb0004", .status = JobStatus::Running, .startedAt = 4.0});
    change.items.push_back(makeItem("bbbb0004", 1, "B", ItemState::Running));
    change.items.push_back(makeItem("bbbb0004", 0, "B", ItemState::Done));
    ItemRow prompt = makeItem("bbbb0004", 0, "", ItemState::Done);
    prompt.key.kind = ItemKind::Prompt;
    prompt.result = {{"prompt", "written"}};
    change.items.push_back(prompt);
    change.items[0].files = {{"gen_x.png", 18446744073709551615ULL}, {"gen_y.png", 5}};
    commit(change);
    reopen();
    const auto open = store_->openJobs();
    ASSERT_TRUE(open.ok());
    ASSERT_EQ(open->size(), 3U);
    EXPECT_EQ((*open)[0].job.id, "bbbb0003");
    EXPECT_EQ((*open)[1].job.id, "bbbb0002");
    EXPECT_EQ((*open)[2].job.id, "bbbb0004");
    EXPECT_EQ((*open)[2].job.startedAt, 4.0);
    const auto& items = (*open)[2].items;
    ASSERT_EQ(items.size(), 3U);
    EXPECT_EQ(items[0].key.kind, ItemKind::Prompt);
    EXPECT_EQ(items[0].result["prompt"], "written");
    EXPECT_EQ(items[1].key.run, 0);
    EXPECT_EQ(items[2].key.run, 1);
    ASSERT_EQ(items[2].files.size(), 2U);
    EXPECT_EQ(items[2].files[0].name, "gen_x.png");
    EXPECT_EQ(items[2].files[0].inode, 18446744073709551615ULL);
    EXPECT_EQ(items[2].tries, 2);
    EXPECT_EQ(items[2].attempts, 1);
}

TEST_F(JobsTest, ACancelledJobWithARunningItemIsLookedAtAtStart) {
    commit(addJob("cccc0001"));
    ChangeSet change;
    change.jobs.push_back({.id = "cccc0001", .status = JobStatus::Cancelled, .completedAt = 5.0});
    change.items.push_back(makeItem("cccc0001", 0, "A", ItemState::Running));
    commit(change);
    const auto open = store_->openJobs();
    ASSERT_EQ(open->size(), 1U);
    EXPECT_EQ((*open)[0].job.status, JobStatus::Cancelled);
    change = {};
    change.items.push_back(makeItem("cccc0001", 0, "A", ItemState::Cancelled));
    commit(change);
    EXPECT_TRUE(store_->openJobs()->empty());
}

TEST_F(JobsTest, AnItemIsClaimedOnlyWhileNobodyHasIt) {
    commit(addJob("dddd0001"));
    const auto claim = [&](ItemState state) {
        ChangeSet change;
        change.items.push_back(makeItem("dddd0001", 0, "A", state));
        change.claim = change.items[0].key;
        change.events.push_back({.time = 1, .type = "endpoint", .jobId = "dddd0001", .data = "{}"});
        return commit(change);
    };
    const auto put = [&](ItemState state) {
        ChangeSet change;
        change.items.push_back(makeItem("dddd0001", 0, "A", state));
        commit(change);
    };
    EXPECT_FALSE(claim(ItemState::Running).conflict);
    const auto newest = store_->eventRange()->newest;
    EXPECT_TRUE(claim(ItemState::Running).conflict) << "it is running";
    EXPECT_EQ(store_->eventRange()->newest, newest) << "a refused claim leaves nothing";
    put(ItemState::Queued);
    EXPECT_FALSE(claim(ItemState::Running).conflict) << "it waits for another attempt";
    put(ItemState::Done);
    EXPECT_TRUE(claim(ItemState::Running).conflict) << "it is done";
    put(ItemState::Queued);
    ChangeSet cancel;
    cancel.jobs.push_back({.id = "dddd0001", .status = JobStatus::Cancelled});
    commit(cancel);
    EXPECT_TRUE(claim(ItemState::Running).conflict) << "its job is cancelled";
    ChangeSet unknown;
    unknown.claim = ItemKey{"nojob000", ItemKind::Image, 0, "A"};
    EXPECT_TRUE(commit(unknown).conflict);
}

TEST_F(JobsTest, AFinishedJobKeepsItsStatus) {
    commit(addJob("eeee0001"));
    ChangeSet change;
    change.jobs.push_back({.id = "eeee0001",
                           .status = JobStatus::Cancelled,
                           .completedAt = 9.0,
                           .error = "by the client"});
    commit(change);
    change = {};
    change.jobs.push_back({.id = "eeee0001", .status = JobStatus::Running, .startedAt = 11.0});
    commit(change);
    const auto job = *store_->job("eeee0001");
    EXPECT_EQ(job->job.status, JobStatus::Cancelled);
    EXPECT_EQ(job->job.completedAt, 9.0);
    EXPECT_FALSE(job->job.startedAt);
    EXPECT_EQ(job->job.error, "by the client");
}

TEST_F(JobsTest, AnIdIsNeverGivenTwice) {
    commit(addJob("ffff0001"));
    const auto newest = store_->eventRange()->newest;
    const CommitOutcome outcome = commit(addJob("ffff0001"));
    EXPECT_TRUE(outcome.idTaken);
    EXPECT_EQ(store_->eventRange()->newest, newest) << "nothing was written";
}

TEST_F(JobsTest, AttemptsAreKeptInOrderAndUpdated) {
    commit(addJob("abab0001"));
    const ItemKey key{"abab0001", ItemKind::Image, 0, "A"};
    ChangeSet change;
    change.attempts.push_back({.key = key, .number = 2, .endpoint = "A", .startedAt = 3});
    change.attempts.push_back({.key = key, .number = 1, .endpoint = "A", .startedAt = 1});
    commit(change);
    change = {};
    change.attempts.push_back({.key = key,
                               .number = 1,
                               .endpoint = "A",
                               .startedAt = 1,
                               .endedAt = 2.5,
                               .outcome = "timeout",
                               .error = "too slow"});
    commit(change);
    const auto attempts = store_->attempts("abab0001");
    ASSERT_EQ(attempts->size(), 2U);
    EXPECT_EQ((*attempts)[0].outcome, "timeout");
    EXPECT_EQ((*attempts)[0].endedAt, 2.5);
    EXPECT_EQ((*attempts)[0].error, "too slow");
    EXPECT_EQ((*attempts)[1].number, 2);
    EXPECT_EQ((*attempts)[1].outcome, "running");
}

TEST_F(JobsTest, ResultLinesStayUntilTheyAreInTheFile) {
    ChangeSet change;
    change.resultLines = {"first", "second", "third"};
    commit(change);
    reopen();
    auto lines = store_->resultLines(10);
    ASSERT_EQ(lines->size(), 3U);
    EXPECT_EQ((*lines)[0].line, "first");
    EXPECT_EQ(store_->resultLines(2)->size(), 2U);
    change = {};
    change.writtenResultLines = {(*lines)[0].id, (*lines)[1].id};
    commit(change);
    lines = store_->resultLines(10);
    ASSERT_EQ(lines->size(), 1U);
    EXPECT_EQ((*lines)[0].line, "third");
}

TEST_F(JobsTest, PagesOfJobsStayStableWhileNewOnesArrive) {
    for (int i = 0; i < 10; ++i)
        commit(addJob("0000000" + std::to_string(i)));
    auto page = store_->jobs(std::nullopt, 4, "");
    ASSERT_TRUE(page.ok());
    std::vector<std::string> seen;
    for (int guard = 0; guard < 10; ++guard) {
        for (const JobRow& job : page->jobs)
            seen.push_back(job.id);
        if (page->nextCursor.empty()) break;
        commit(addJob("1000000" + std::to_string(guard)));
        page = store_->jobs(std::nullopt, 4, page->nextCursor);
        ASSERT_TRUE(page.ok());
    }
    std::vector<std::string> expected;
    for (int i = 9; i >= 0; --i)
        expected.push_back("0000000" + std::to_string(i));
    EXPECT_EQ(seen, expected);
}

TEST_F(JobsTest, JobsAreFoundByStatusAndTheLastFinishedByTheirEnd) {
    for (int i = 0; i < 6; ++i)
        commit(addJob("2000000" + std::to_string(i)));
    ChangeSet change;
    change.jobs.push_back({.id = "20000000", .status = JobStatus::Completed, .completedAt = 30.0});
    change.jobs.push_back({.id = "20000001", .status = JobStatus::Failed, .completedAt = 50.0});
    change.jobs.push_back({.id = "20000002", .status = JobStatus::Cancelled, .completedAt = 40.0});
    commit(change);
    const auto failed = store_->jobs(JobStatus::Failed, 10, "");
    ASSERT_EQ(failed->jobs.size(), 1U);
    EXPECT_EQ(failed->jobs[0].id, "20000001");
    const auto queued = store_->jobs(JobStatus::Queued, 2, "");
    ASSERT_EQ(queued->jobs.size(), 2U);
    EXPECT_EQ(queued->jobs[0].id, "20000005");
    EXPECT_EQ(store_->jobs(JobStatus::Queued, 2, queued->nextCursor)->jobs[0].id, "20000003");
    const auto last = store_->recentlyFinished(2);
    ASSERT_EQ(last->size(), 2U);
    EXPECT_EQ((*last)[0].id, "20000001");
    EXPECT_EQ((*last)[1].id, "20000002");
}

TEST_F(JobsTest, ACursorThatWasNeverGivenIsAFaultOfTheCaller) {
    for (const char* cursor : {"x", "j", "j-5", "j1x", "j99999999999999999999", "i00", "'; drop"}) {
        const auto page = store_->jobs(std::nullopt, 10, cursor);
        ASSERT_FALSE(page.ok()) << cursor;
        EXPECT_EQ(page.error().code, host::ErrorCode::Validation);
        EXPECT_NE(page.error().message.find("cursor"), std::string::npos);
    }
}

TEST_F(JobsTest, TheSqliteShellReadsIdAndStatusWhileTheStoreIsOpen) {
    commit(addJob("3000000a"));
    const auto out = dir_ / "out.txt";
    const std::string command = "sqlite3 '" + database().string() +
                                "' 'select id, status from jobs' > '" + out.string() + "' 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0) << test::readFile(out);
    EXPECT_EQ(test::readFile(out), "3000000a|queued\n");
}

}  // namespace
