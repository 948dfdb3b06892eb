#include <gtest/gtest.h>

#include "plugins/sketch/abi_call.hpp"

namespace {

using plug::Call;

class WordsmithPlugin : public testing::Test {
  protected:
    void SetUp() override {
        entry_ = plug::load(IPL_PLUGIN_DIR "/wordsmith.so");
        ASSERT_NE(entry_, nullptr);
        table_ = static_cast<const ipl_prompt_backend*>(entry_->get_interface(IPL_ROLE_PROMPT));
        ASSERT_NE(table_, nullptr);
        ipl_instance_args args{};
        args.struct_size = sizeof(args);
        Call call;
        ASSERT_EQ(table_->create(host_.get(), &args, call.get(), &self_), IPL_OK);
    }
    void TearDown() override {
        if (self_ != nullptr) table_->destroy(self_);
    }
    std::string complete(const std::string& user, const std::string& extra, int64_t seed = -1) {
        ipl_prompt_request request{};
        request.struct_size = sizeof(request);
        request.user = plug::span(user);
        request.extra = plug::span(extra);
        if (seed >= 0) {
            request.flags = IPL_LLM_HAS_SEED;
            request.seed = seed;
        }
        Call call;
        EXPECT_EQ(table_->complete(self_, &request, call.get()), IPL_OK) << call.message;
        return call.answer;
    }

    const ipl_entry* entry_ = nullptr;
    const ipl_prompt_backend* table_ = nullptr;
    plug::Host host_;
    void* self_ = nullptr;
};

TEST_F(WordsmithPlugin, TellsWhoItIs) {
    EXPECT_STREQ(entry_->id, "wordsmith");
    EXPECT_EQ(entry_->get_interface(IPL_ROLE_IMAGE), nullptr);
    Call call;
    EXPECT_EQ(table_->probe(self_, call.get()), IPL_OK);
    ASSERT_EQ(table_->describe(self_, call.get()), IPL_OK);
    EXPECT_FALSE(nlohmann::json::parse(call.answer)["language_model"].get<bool>());
    Call models;
    ASSERT_EQ(table_->list_models(self_, models.get()), IPL_OK);
    EXPECT_EQ(nlohmann::json::parse(models.answer)["data"][0]["id"], "wordsmith");
}

TEST_F(WordsmithPlugin, WritesAboutTheConceptRatherThanTheHostsInstructions) {
    const std::string text =
        complete("Write one prompt.", R"({"concept":"a copper heron","run_index":3})", 5);
    EXPECT_NE(text.find("copper heron"), std::string::npos) << text;
    EXPECT_EQ(text.find("Write one prompt"), std::string::npos);
}

TEST_F(WordsmithPlugin, WithoutAConceptTheUsersTextIsTheSubject) {
    EXPECT_NE(complete("a paper moon", "", 5).find("paper moon"), std::string::npos);
    EXPECT_NE(complete("a paper moon", "not json {", 5).find("paper moon"), std::string::npos);
    EXPECT_NE(complete("a paper moon", R"({"concept":7})", 5).find("paper moon"),
              std::string::npos);
}

TEST_F(WordsmithPlugin, TheSeedRepeatsATextAndTheRunChangesIt) {
    const auto run = [&](int index, int64_t seed) {
        return complete("", R"({"concept":"a fox","run_index":)" + std::to_string(index) + "}",
                        seed);
    };
    EXPECT_EQ(run(1, 9), run(1, 9));
    EXPECT_NE(run(1, 9), run(2, 9));
    EXPECT_NE(run(1, 9), run(1, 10));
    EXPECT_NE(run(1, -1), run(1, -1));
}

TEST_F(WordsmithPlugin, SaysThatItCannotFollowASchema) {
    ipl_prompt_request request{};
    request.struct_size = sizeof(request);
    request.response_schema = plug::span(R"({"type":"object"})");
    Call call;
    EXPECT_EQ(table_->complete(self_, &request, call.get()), IPL_E_UNSUPPORTED);
    EXPECT_FALSE(call.message.empty());
}

}  // namespace
