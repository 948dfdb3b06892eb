// Surprises of ComfyUI's recordings that the shipped workflow meets; the other ones are in
// recordings_test and socket_test, tests/data/comfyui/README.md names them all.
#include <future>

#include "common/backend_run.hpp"
#include "plugins/comfyui/replay.hpp"

namespace {

using namespace std::chrono_literals;
using host::plugins::CallStatus;
using host::plugins::ImageBackend;
using test::Replay;
using testing::HasSubstr;
using Json = nlohmann::ordered_json;
using Plugin = test::BackendRun<ImageBackend>;

Replay::Script answering(const std::string& prompt) {
    return {{"GET /history", {"history_unknown_id"}},
            {"GET /queue", {"queue_empty", "queue_running_and_pending"}},
            {"POST /queue", {"queue_delete_pending"}},
            {"POST /interrupt", {"interrupt_idle"}},
            {"POST /prompt", {prompt}}};
}

test::Outcome draw(const Replay& server,
                   std::shared_ptr<host::plugins::Cancellation> cancellation = {}) {
    Plugin plugin(IPL_PLUGIN_DIR "/comfyui.so", IPL_ROLE_IMAGE,
                  {{"url", server.url()}, {"model", "random-sd15.ckpt"}});
    return plugin.run(
        [](auto& backend, const auto& context) {
            host::plugins::ImageRequest request;
            request.prompt = "a red cat";
            request.width = 64;
            request.height = 64;
            return backend.generate(request, context);
        },
        20s, std::move(cancellation));
}

// 200 and a fault: the part that it took would run for nobody, so it is taken back.
TEST(ComfyUiSurprise, S02AWorkflowThatWasTakenInPartIsTakenBack) {
    Replay server(answering("prompt_partial_ok_node_errors_200"));
    const auto outcome = draw(server);
    EXPECT_EQ(outcome.result.status, CallStatus::Unsupported);
    EXPECT_THAT(outcome.result.message,
                HasSubstr("refuses a part of the workflow: node 5 (SaveImage)"));
    EXPECT_TRUE(outcome.collected->committed().empty());
    const Json id = Json::parse(server.body("POST", "/prompt"))["prompt_id"];
    EXPECT_EQ(Json::parse(server.body("POST", "/queue"))["delete"], Json::array({id}));
    EXPECT_EQ(Json::parse(server.body("POST", "/interrupt"))["prompt_id"], id);
}

// 200 without a word, whether anything was interrupted or not: it is asked once, by id, and the
// call ends without waiting for the next step of the sampler.
TEST(ComfyUiSurprise, S11AnInterruptIsAnsweredWithNothingWhateverItDid) {
    for (const char* const nothing : {"interrupt_idle", "interrupt_other_prompt_id"}) {
        auto script = answering("prompt_ok");
        script["POST /interrupt"] = {nothing};
        Replay server(script);
        auto cancellation = std::make_shared<host::plugins::Cancellation>();
        auto call = std::async(std::launch::async, [&] { return draw(server, cancellation); });
        EXPECT_TRUE(server.await("POST", "/prompt"));
        cancellation->cancel(host::plugins::CancelReason::User);
        EXPECT_EQ(call.get().result.status, CallStatus::Cancelled);
        const Json id = Json::parse(server.body("POST", "/prompt"))["prompt_id"];
        EXPECT_EQ(Json::parse(server.body("POST", "/queue"))["delete"], Json::array({id}));
        EXPECT_EQ(Json::parse(server.body("POST", "/interrupt"))["prompt_id"], id);
        EXPECT_EQ(server.count("POST", "/interrupt"), 1);
    }
}

// Names of A1111 are none of ComfyUI's, and a long list of its own is told as a length only.
TEST(ComfyUiSurprise, S14ASamplerNameOfAnotherServerIsRefusedWithItsPlace) {
    Replay server(answering("prompt_bad_sampler"));
    const auto outcome = draw(server);
    EXPECT_EQ(outcome.result.status, CallStatus::Unsupported);
    EXPECT_THAT(outcome.result.message,
                HasSubstr("node 3 (KSampler), input sampler_name: Value not in list "
                          "(sampler_name: 'Euler a' not in (list of length 42))"));
    const auto graph = Json::parse(server.body("POST", "/prompt"))["prompt"];
    EXPECT_EQ(graph["3"]["inputs"]["sampler_name"], "euler") << "the shipped workflow's own";
}

}  // namespace
