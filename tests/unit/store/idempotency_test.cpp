#include "store_fixture.hpp"

namespace {

using namespace host::store;
using test::addJob;

class IdempotencyTest : public test::StoreTest {
  protected:
    IdempotencyTest() {
        options_.now = [this] { return now_; };
    }
    CommitOutcome submit(const std::string& id, const std::string& key, const std::string& body,
                         const std::string& client = "me") {
        ChangeSet change = addJob(id);
        change.idempotency = IdempotencyRecord{client, key, body};
        return commit(change);
    }
    double now_ = 1'700'000'000;
};

TEST_F(IdempotencyTest, ARepeatGetsTheSameJobAlsoAfterARestart) {
    EXPECT_TRUE(submit("00000001", "k", "body").existingJobId.empty());
    const CommitOutcome again = submit("00000002", "k", "body");
    EXPECT_EQ(again.existingJobId, "00000001");
    EXPECT_FALSE(again.bodyDiffers);
    EXPECT_FALSE(store_->job("00000002")->has_value());
    EXPECT_EQ(store_->eventRange()->newest, 1U) << "a repeat leaves nothing behind";
    reopen();
    EXPECT_EQ(submit("00000003", "k", "body").existingJobId, "00000001");
}

TEST_F(IdempotencyTest, TheSameKeyWithAnotherBodyIsReportedAndWritesNothing) {
    submit("00000001", "k", "body");
    const CommitOutcome other = submit("00000002", "k", "another");
    EXPECT_TRUE(other.bodyDiffers);
    EXPECT_FALSE(store_->job("00000002")->has_value());
}

TEST_F(IdempotencyTest, KeysOfDifferentClientsAreDifferent) {
    submit("00000001", "k", "body", "me");
    EXPECT_TRUE(submit("00000002", "k", "body", "you").existingJobId.empty());
}

TEST_F(IdempotencyTest, AfterADayTheKeyIsFreeAgain) {
    submit("00000001", "k", "body");
    now_ += 24 * 3600 - 1;
    EXPECT_EQ(submit("00000002", "k", "body").existingJobId, "00000001");
    now_ += 2;
    EXPECT_TRUE(submit("00000003", "k", "other").existingJobId.empty());
    EXPECT_EQ(submit("00000004", "k", "other").existingJobId, "00000003");
}

TEST_F(IdempotencyTest, AKeyCanBeLookedUpWithoutUsingIt) {
    const auto lookUp = [this](const std::string& key, const std::string& body) {
        ChangeSet change;
        change.idempotency = IdempotencyRecord{"me", key, body};
        return commit(change);
    };
    EXPECT_TRUE(lookUp("k", "body").conflict);
    submit("00000001", "k", "body");
    EXPECT_EQ(lookUp("k", "body").existingJobId, "00000001");
    EXPECT_FALSE(lookUp("k", "body").bodyDiffers);
    EXPECT_TRUE(lookUp("k", "another").bodyDiffers);
    EXPECT_EQ(store_->eventRange()->newest, 1U);
}

TEST_F(IdempotencyTest, AnIdThatIsTakenDoesNotUseUpTheKey) {
    submit("00000001", "a", "body");
    EXPECT_TRUE(submit("00000001", "b", "body").idTaken);
    EXPECT_TRUE(submit("00000002", "b", "body").existingJobId.empty());
    EXPECT_TRUE(store_->job("00000002")->has_value());
}

}  // namespace
