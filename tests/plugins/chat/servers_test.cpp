// What Ollama, LM Studio and vLLM do that llama-server does not, from their documents and sources:
// each against a simulated server of that flavour over real sockets.
#include "common/backend_run.hpp"
#include "plugins/chat/scripted.hpp"
#include "sim-llm/model.hpp"

namespace {

using namespace std::chrono_literals;
using host::Json;
using host::plugins::CallStatus;
using host::plugins::PromptBackend;
using host::plugins::VisionBackend;
using sim::Flavour;
using test::Scripted;
using test::streamWord;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Eye = test::BackendRun<VisionBackend>;
using Writer = test::BackendRun<PromptBackend>;

constexpr const char* kSchema = R"({"type":"object","properties":{"scene":{"type":"string"}}})";

// A simulated server whose requests and answers pass through a script.
class Simulated {
  public:
    explicit Simulated(sim::ModelOptions options)
        : model_(options), scripted_([this](auto& connection, const auto& request, int) {
              return model_.answer(connection, request);
          }) {}

    const sim::Server& server() const { return scripted_.server(); }
    std::vector<std::string> targets() {
        std::vector<std::string> targets;
        for (const auto& request : scripted_.requests())
            targets.push_back(request.method + " " + request.target);
        return targets;
    }
    Json chat() {  // the body of the last chat request
        Json body;
        for (const auto& request : scripted_.requests()) {
            if (request.target == "/v1/chat/completions") body = Json::parse(request.body);
        }
        return body;
    }

  private:
    sim::Model model_;
    Scripted scripted_;
};

sim::ModelOptions served(Flavour flavour, std::vector<std::string> models) {
    sim::ModelOptions options;
    options.seconds = 0;
    options.flavour = flavour;
    options.models = std::move(models);
    return options;
}

template <typename Run>
Run start(const sim::Server& server, Json settings = Json::object()) {
    settings["url"] = server.url();
    const bool sees = std::is_same_v<Run, Eye>;
    return Run(IPL_PLUGIN_DIR "/chat.so", sees ? IPL_ROLE_VISION : IPL_ROLE_PROMPT, settings);
}

test::Outcome write(Writer& writer, std::chrono::milliseconds time = 20s,
                    std::uint32_t maxTokens = 0) {
    return writer.run(
        [maxTokens](auto& backend, const auto& context) {
            host::plugins::TextRequest request;
            request.user = "a red cat";
            request.maxTokens = maxTokens;
            request.seed = 7;
            return backend.complete(request, context);
        },
        time);
}

test::Outcome look(Eye& eye, const std::string& mime = "image/png") {
    return eye.run([&](auto& backend, const auto& context) {
        host::plugins::TextRequest request;
        request.user = "what is it";
        request.responseSchema = kSchema;
        request.image =
            host::plugins::PictureIn{mime, std::make_shared<const std::string>("\x89PNG"), 1, 1};
        return backend.analyze(request, context);
    });
}

template <typename Run>
std::vector<std::string> listed(Run& run) {
    const auto result = run.backend().listModels(run.context(5s));
    EXPECT_TRUE(result.ok()) << result.message;
    const Json list = Json::parse(result.text, nullptr, false);
    std::vector<std::string> ids;
    for (const auto& model : list["data"])
        ids.push_back(model["id"]);
    return ids;
}

template <typename Run>
host::plugins::CallResult release(Run& run) {
    return run.backend().release(run.context(20s));
}

// ---- Reasoning

TEST(ChatServers, OllamaAndVllmThinkInReasoningAndTheAnswerIsFree) {
    for (const Flavour flavour : {Flavour::Ollama, Flavour::Vllm, Flavour::LmStudio}) {
        auto options = served(flavour, {"think-1"});
        options.fault = "reasoning";
        Simulated server(options);
        Writer writer = start<Writer>(server.server(), {{"model", "think-1"}});
        const auto outcome = write(writer);
        ASSERT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
        EXPECT_THAT(outcome.result.text, HasSubstr("A scene of a red cat"));
        EXPECT_THAT(outcome.result.text, Not(HasSubstr("I plan it")));
        EXPECT_THAT(outcome.result.reasoning, HasSubstr("I plan it with care"));
    }
}

TEST(ChatServers, OllamasFirstChunkOfThinkingCarriesAnEmptyText) {
    Scripted scripted([](auto& connection, const auto&, int) {
        connection.beginChunked(200, "text/event-stream");
        connection.sendChunk(
            "data: {\"id\":\"chatcmpl-7\",\"system_fingerprint\":\"fp_ollama\",\"choices\":[{"
            "\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\","
            "\"reasoning\":\"a cat?\"}}]}\n\n"
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"cat\"}}]}\n\n"
            "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
            "data: {\"choices\":[],\"usage\":{\"total_tokens\":9}}\n\ndata: [DONE]\n\n");
        return connection.endChunked();
    });
    Writer writer = start<Writer>(scripted.server(), {{"model", "m"}});
    const auto outcome = write(writer);
    EXPECT_EQ(outcome.result.text, "cat") << outcome.result.message;
    EXPECT_EQ(outcome.result.reasoning, "a cat?");
}

TEST(ChatServers, AnswersThatHoldBothNamesOfTheThinkingAreNotThoughtTwice) {
    Scripted scripted([](auto& connection, const auto&, int) {
        return connection.reply(200, "application/json",
                                R"({"choices":[{"message":{"reasoning_content":"hm","reasoning":)"
                                R"("hm","content":"cat"},"finish_reason":"stop"}]})");
    });
    Writer writer = start<Writer>(scripted.server(), {{"model", "m"}});
    const auto outcome = write(writer);
    EXPECT_EQ(outcome.result.text, "cat");
    EXPECT_EQ(outcome.result.reasoning, "hm");
}

TEST(ChatServers, OllamaRefusesToThinkWithAModelThatCannotAndIsNotAskedAgain) {
    Simulated server(served(Flavour::Ollama, {"gemma"}));
    Writer writer =
        start<Writer>(server.server(), {{"model", "gemma"}, {"reasoning_effort", "low"}});
    const auto result = write(writer).result;
    EXPECT_EQ(result.status, CallStatus::InvalidArgument);
    EXPECT_EQ(result.field, "/reasoning_effort");
    EXPECT_THAT(result.message, HasSubstr("does not support thinking"));
    Writer quiet =
        start<Writer>(server.server(), {{"model", "gemma"}, {"reasoning_effort", "none"}});
    EXPECT_EQ(write(quiet).result.status, CallStatus::Ok) << "none goes with every model";
}

// ---- Numbers, errors

TEST(ChatServers, OllamaGetsWholeNumbersForMaxTokensAndSeed) {
    Simulated server(served(Flavour::Ollama, {"gemma"}));
    Writer writer = start<Writer>(server.server(), {{"model", "gemma"}});
    EXPECT_EQ(write(writer, 20s, 16).result.status, CallStatus::Ok);
    EXPECT_TRUE(server.chat()["max_tokens"].is_number_integer());
    EXPECT_TRUE(server.chat()["seed"].is_number_integer());
}

TEST(ChatServers, LmStudioTellsErrorsAsPlainTexts) {
    auto options = served(Flavour::LmStudio, {"qwen"});
    options.fault = "string-error";
    Simulated server(options);
    Writer writer = start<Writer>(server.server(), {{"model", "qwen"}});
    const auto result = write(writer).result;
    EXPECT_EQ(result.status, CallStatus::Upstream);
    EXPECT_THAT(result.message, HasSubstr("400: 'messages' field is wrong"));
}

TEST(ChatServers, AnUnknownModelIsAFaultOfTheSettingsWithEveryServer) {
    for (const Flavour flavour :
         {Flavour::Ollama, Flavour::Vllm, Flavour::LmStudio, Flavour::LlamaServer}) {
        Simulated server(served(flavour, {"a", "b"}));
        Writer writer = start<Writer>(server.server(), {{"model", "typo"}});
        const auto result = write(writer).result;
        EXPECT_EQ(result.status, CallStatus::InvalidArgument) << result.message;
        EXPECT_EQ(result.field, "/model");
        EXPECT_THAT(result.message, HasSubstr("'typo'"));
    }
}

TEST(ChatServers, OllamasSilent403ForAForeignHostNameSaysWhatToDo) {
    Scripted scripted(
        [](auto& connection, const auto&, int) { return connection.reply(403, "", ""); });
    Writer writer = start<Writer>(scripted.server(), {{"model", "m"}});
    const auto result = write(writer).result;
    EXPECT_EQ(result.status, CallStatus::InvalidArgument);
    EXPECT_EQ(result.field, "/url");
    EXPECT_THAT(result.message, HasSubstr("use the machine's address"));
}

TEST(ChatServers, AVllmContextThatIsTooShortIsTooLarge) {
    Scripted scripted([](auto& connection, const auto&, int) {
        return connection.reply(
            400, "application/json",
            R"({"error":{"message":"This model's maximum context length is 4096)"
            R"( tokens.","type":"BadRequestError","code":400}})");
    });
    Writer writer = start<Writer>(scripted.server(), {{"model", "m"}});
    EXPECT_EQ(write(writer).result.status, CallStatus::TooLarge);
}

TEST(ChatServers, VllmAsksForItsKey) {
    auto options = served(Flavour::Vllm, {"m"});
    options.fault = "unauthorized";
    Simulated server(options);
    Writer writer = start<Writer>(server.server(), {{"model", "m"}});
    const auto result = write(writer).result;
    EXPECT_EQ(result.status, CallStatus::InvalidArgument);
    EXPECT_EQ(result.field, "/api_key");
}

// ---- Schema and pictures

TEST(ChatServers, LmStudioGetsAJsonSchemaAndNothingElse) {
    Simulated server(served(Flavour::LmStudio, {"qwen-vl"}));
    Eye eye = start<Eye>(server.server(), {{"model", "qwen-vl"}});
    EXPECT_EQ(look(eye).result.status, CallStatus::Ok);
    EXPECT_EQ(server.chat()["response_format"]["type"], "json_schema");
    EXPECT_TRUE(server.chat()["response_format"]["json_schema"]["schema"].is_object());
}

TEST(ChatServers, WebpIsRefusedByLmStudioSoTheHostIsToldToConvertIt) {
    Simulated server(served(Flavour::LmStudio, {"qwen-vl"}));
    Eye eye = start<Eye>(server.server(), {{"model", "qwen-vl"}});
    const auto described = Json::parse(eye.backend().describe(eye.context(3s)).text);
    EXPECT_EQ(described["image_formats"], Json({"image/jpeg", "image/png"}));
    const auto result = look(eye, "image/webp").result;
    EXPECT_EQ(result.status, CallStatus::Upstream);
    EXPECT_THAT(result.message, HasSubstr("must be a base64 encoded image"));
    EXPECT_EQ(look(eye, "image/jpeg").result.status, CallStatus::Ok);
}

TEST(ChatServers, OllamaGetsPicturesAsDataUrls) {
    Simulated server(served(Flavour::Ollama, {"llava-vl"}));
    Eye eye = start<Eye>(server.server(), {{"model", "llava-vl"}});
    EXPECT_EQ(look(eye).result.status, CallStatus::Ok);
    EXPECT_EQ(look(eye, "image/gif").result.status, CallStatus::Upstream)
        << "which is why the host converts";
}

// ---- Loading

TEST(ChatServers, ALoadInSilenceIsWaitedOutAndBoundedByTheDeadline) {
    for (const Flavour flavour : {Flavour::Ollama, Flavour::LmStudio, Flavour::LlamaServer}) {
        auto options = served(flavour, {"m"});
        options.loadingSeconds = 0.6;
        Simulated server(options);
        Writer writer = start<Writer>(server.server(), {{"model", "m"}});
        const auto impatient = write(writer, 150ms).result;
        EXPECT_EQ(impatient.status, CallStatus::Timeout) << impatient.message;
    }
    auto options = served(Flavour::LmStudio, {"m"});
    options.loadingSeconds = 0.3;
    Simulated server(options);
    Writer writer = start<Writer>(server.server(), {{"model", "m"}});
    const auto patient = write(writer);
    EXPECT_EQ(patient.result.status, CallStatus::Ok);
    EXPECT_THAT(patient.collected->phases(), testing::Contains("waiting for the model"));
}

// ---- Lists

TEST(ChatServers, AnEmptyOllamaWithDataNullHasNoModels) {
    Scripted scripted([](auto& connection, const auto& request, int) {
        if (request.target == "/v1/models")
            return connection.reply(200, "application/json", R"({"object":"list","data":null})");
        return connection.reply(404, "application/json", R"({"error":"no"})");
    });
    Writer writer = start<Writer>(scripted.server());
    EXPECT_THAT(listed(writer), testing::IsEmpty());
}

TEST(ChatServers, LmStudiosOwnListTellsWhichModelSeesAndWhichOneIsLoaded) {
    auto options = served(Flavour::LmStudio, {"text-embed", "big", "small", "qwen-vl"});
    Simulated server(options);
    Writer first = start<Writer>(server.server(), {{"model", "small"}});
    ASSERT_EQ(write(first).result.status, CallStatus::Ok);
    Writer writer = start<Writer>(server.server());
    EXPECT_EQ(listed(writer).front(), "small") << "loading another one would evict it";
    Eye eye = start<Eye>(server.server());
    EXPECT_EQ(listed(eye).front(), "qwen-vl");
    EXPECT_EQ(look(eye).result.status, CallStatus::Ok);
    EXPECT_EQ(server.chat()["model"], "qwen-vl");
}

TEST(ChatServers, AnOlderLmStudioHasTheOlderList) {
    Scripted scripted([](auto& connection, const auto& request, int) {
        const auto json = [&](const char* body) {
            return connection.reply(200, "application/json", body);
        };
        if (request.target == "/v1/models") return json(R"({"data":[{"id":"a"},{"id":"b"}]})");
        if (request.target == "/api/v0/models")
            return json(R"({"data":[{"id":"a","type":"llm","state":"not-loaded"},)"
                        R"({"id":"b","type":"vlm","state":"loaded"}]})");
        return connection.reply(200, "application/json", R"({"error":"Unexpected endpoint"})");
    });
    Eye eye = start<Eye>(scripted.server());
    EXPECT_THAT(listed(eye), ElementsAre("b", "a"));
}

TEST(ChatServers, OllamaIsAskedModelByModelWhichOneSees) {
    Simulated server(served(Flavour::Ollama, {"gemma", "llava-vl"}));
    Eye eye = start<Eye>(server.server());
    EXPECT_THAT(listed(eye), ElementsAre("llava-vl:latest", "gemma:latest"));
    EXPECT_THAT(server.targets(),
                ElementsAre("GET /v1/models", "GET /api/v1/models", "GET /api/v0/models",
                            "GET /api/tags", "POST /api/show", "POST /api/show"));
}

// ---- Unloading

TEST(ChatServers, EveryServerThatCanUnloadsWhatWasUsedAndNothingElse) {
    const std::pair<Flavour, const char*> servers[] = {
        {Flavour::Ollama, "POST /api/generate"},
        {Flavour::LmStudio, "POST /api/v1/models/unload"},
        {Flavour::LlamaServer, "POST /models/unload"}};
    for (const auto& [flavour, how] : servers) {
        Simulated server(served(flavour, {"mine", "others"}));
        Writer other = start<Writer>(server.server(), {{"model", "others"}});
        ASSERT_EQ(write(other).result.status, CallStatus::Ok);
        Writer writer = start<Writer>(server.server(), {{"model", "mine"}});
        ASSERT_EQ(write(writer).result.status, CallStatus::Ok);

        const auto freed = release(writer);
        EXPECT_EQ(freed.status, CallStatus::Ok) << freed.message;
        const auto unloads = [&server, how = std::string(how)] {
            const auto targets = server.targets();
            return std::count(targets.begin(), targets.end(), how);
        };
        EXPECT_EQ(unloads(), 1) << how;
        EXPECT_EQ(release(writer).status, CallStatus::Ok) << "nothing is left to unload";
        EXPECT_EQ(unloads(), 1);
        EXPECT_EQ(write(writer).result.status, CallStatus::Ok) << "it is loaded again";
        EXPECT_EQ(release(other).status, CallStatus::Ok);
        EXPECT_EQ(unloads(), 2);
    }
}

TEST(ChatServers, TheRecordedRouterLoadsListsAndUnloads) {  // llama-server 10 and 21
    bool unloaded = false;
    const auto recording = [](const char* name) {
        return test::readRecording(IPL_TEST_DATA, std::string("llama-server/") + name);
    };
    const auto missing = recording("ollama_api_tags");
    const auto loadedList = recording("router_models_after_swap");
    const auto emptyList = recording("router_models_after_unload");
    const auto answer = recording("router_chat_autoload");
    const auto unload = recording("router_unload");
    Scripted scripted([&](auto& connection, const auto& request, int) {
        if (request.target == "/v1/models")
            return test::play(connection, unloaded ? emptyList : loadedList);
        if (request.target == "/v1/chat/completions") return test::play(connection, answer);
        if (request.target == "/models/unload") {
            EXPECT_EQ(Json::parse(request.body), (Json{{"model", "beta"}}));
            unloaded = true;
            return test::play(connection, unload);
        }
        return test::play(connection, missing);
    });
    Writer writer = start<Writer>(scripted.server());
    EXPECT_THAT(listed(writer), ElementsAre("beta", "alpha")) << "beta is in memory";
    EXPECT_EQ(write(writer).result.status, CallStatus::Ok);
    const auto freed = release(writer);
    EXPECT_EQ(freed.status, CallStatus::Ok) << freed.message;
    EXPECT_TRUE(unloaded);
}

TEST(ChatServers, AnUnloadThatIsRefusedIsTold) {
    Scripted scripted([](auto& connection, const auto& request, int) {
        if (request.target == "/api/v1/models")
            return connection.reply(
                200, "application/json",
                R"({"models":[{"key":"m","loaded_instances":[{"id":"m:2"},{"id":7},null]}]})");
        if (request.target == "/api/v1/models/unload")
            return connection.reply(500, "application/json", R"({"error":"in use"})");
        return connection.reply(404, "", "");
    });
    Writer writer = start<Writer>(scripted.server(), {{"model", "m"}});
    const auto result = release(writer);
    EXPECT_EQ(result.status, CallStatus::Upstream);
    EXPECT_THAT(result.message, HasSubstr("in use"));
}

TEST(ChatServers, AModelIsUnloadedWhateverTheCaseOfItsName) {
    std::atomic<bool> gone{false};
    Scripted scripted([&](auto& connection, const auto& request, int) {
        if (request.target == "/api/ps")
            return connection.reply(
                200, "application/json",
                gone ? R"({"models":null})" : R"({"models":[{"name":"qwen3:latest"}]})");
        if (request.target == "/api/generate") {
            gone = true;
            return connection.reply(200, "", "{}");
        }
        return connection.reply(404, "", "");
    });
    Writer writer = start<Writer>(scripted.server(), {{"model", "Qwen3"}});
    EXPECT_EQ(release(writer).status, CallStatus::Ok);
    EXPECT_TRUE(gone);
}

TEST(ChatServers, AfterAReleaseTheModelIsLookedUpAgain) {
    std::atomic<int> lists{0};
    Scripted scripted([&](auto& connection, const auto& request, int) {
        if (request.target == "/v1/models")
            return connection.reply(
                200, "application/json",
                lists++ == 0 ? R"({"data":[{"id":"first"}]})" : R"({"data":[{"id":"second"}]})");
        if (request.target == "/v1/chat/completions") return test::streamWord(connection);
        if (request.target == "/api/ps")
            return connection.reply(200, "application/json", R"({"models":null})");
        return connection.reply(404, "", "");
    });
    Writer writer = start<Writer>(scripted.server());
    ASSERT_EQ(write(writer).result.status, CallStatus::Ok);
    EXPECT_EQ(Json::parse(scripted.requests().back().body)["model"], "first");
    EXPECT_EQ(release(writer).status, CallStatus::Ok);
    ASSERT_EQ(write(writer).result.status, CallStatus::Ok);
    EXPECT_EQ(Json::parse(scripted.requests().back().body)["model"], "second");
}

TEST(ChatServers, AnUnloadThatTakesItsTimeIsAwaited) {
    std::atomic<int> lists{0};
    Scripted scripted([&](auto& connection, const auto& request, int) {
        if (request.target == "/api/ps") {
            const bool gone = ++lists > 3;
            return connection.reply(
                200, "application/json",
                gone ? R"({"models":null})" : R"({"models":[{"name":"m:latest"}]})");
        }
        if (request.target == "/api/generate") return connection.reply(200, "", "{}");
        return connection.reply(404, "", "");
    });
    Writer writer = start<Writer>(scripted.server(), {{"model", "m"}});
    EXPECT_EQ(release(writer).status, CallStatus::Ok);
    EXPECT_EQ(lists, 4);
}

TEST(ChatServers, AServerThatCannotUnloadSaysSo) {
    for (const Flavour flavour : {Flavour::Vllm, Flavour::Plain}) {
        Simulated server(served(flavour, {"m"}));
        Writer writer = start<Writer>(server.server(), {{"model", "m"}});
        const auto result = release(writer);
        EXPECT_EQ(result.status, CallStatus::Unsupported);
        EXPECT_THAT(result.message, HasSubstr("cannot unload"));
    }
}

TEST(ChatServers, AReleaseIsCancelledAndBoundedLikeAnyOtherCall) {
    Scripted scripted([](auto& connection, const auto&, int) {
        connection.waitFor(10s);
        return false;
    });
    Writer writer = start<Writer>(scripted.server(), {{"model", "m"}});
    EXPECT_EQ(writer.backend().release(writer.context(200ms)).status, CallStatus::Timeout);
}

}  // namespace
