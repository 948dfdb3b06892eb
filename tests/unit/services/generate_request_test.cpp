#include "services/generator/generate_request.hpp"

#include <gtest/gtest.h>

#include <set>

namespace {

using host::ErrorCode;
using host::Json;
using host::pipeline::PromptMode;
using host::pipeline::Target;
using host::services::GenerateRequest;
using host::services::GenerateRules;
using host::services::readGenerateRequest;

const GenerateRules kRules{{1, 200}, {1, 150}, {"Studio A", "Studio B", "Sketch"}};

// A 1 x 1 PNG.
constexpr char kPixel[] =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg"
    "==";

host::http::Request request(std::string body, const std::string& type = "application/json") {
    host::http::Request r;
    r.method = "POST";
    r.body = std::move(body);
    r.headers.add("Content-Type", type);
    return r;
}

host::Result<GenerateRequest> read(const Json& json) {
    auto result = readGenerateRequest(request(json.dump()), kRules);
    // What only a repeat by its key would be spared.
    if (result.ok() && result->refusal) return *result->refusal;
    return result;
}

std::set<std::string> faultyFields(const host::Result<GenerateRequest>& result) {
    std::set<std::string> fields;
    EXPECT_FALSE(result.ok());
    if (result.ok()) return fields;
    EXPECT_EQ(result.error().code, ErrorCode::Validation);
    for (const Json& fault : result.error().details["errors"]) {
        fields.insert(fault["field"].get<std::string>());
    }
    return fields;
}

using Fields = std::set<std::string>;

TEST(GenerateRequest, APromptAloneGetsTheContractsDefaults) {
    const auto result = read({{"prompt", "a cat"}});
    ASSERT_TRUE(result.ok());
    const auto& spec = result->spec;
    EXPECT_EQ(spec.prompt, "a cat");
    EXPECT_FALSE(spec.random);
    EXPECT_EQ(spec.count, 1);
    EXPECT_EQ(spec.orientation, "landscape");
    EXPECT_EQ(spec.size, "1mp");
    EXPECT_EQ(spec.steps, 25);
    EXPECT_FALSE(spec.seed);
    EXPECT_FALSE(spec.guidanceScale);
    EXPECT_EQ(spec.target, Target::All);
    EXPECT_EQ(spec.endpoints, kRules.endpoints);
    EXPECT_EQ(spec.priority, 0);
}

TEST(GenerateRequest, EveryFaultIsReportedAtOnce) {
    EXPECT_EQ(faultyFields(read({{"prompt", 7},
                                 {"random", "yes"},
                                 {"count", 0},
                                 {"steps", 151},
                                 {"seed", -2},
                                 {"strength", 1.5},
                                 {"guidance_scale", "much"},
                                 {"orientation", "round"},
                                 {"size", "3mp"},
                                 {"prompt_mode", "odd"},
                                 {"priority", 11},
                                 {"endpoints", "Nowhere"}})),
              (Fields{"prompt", "random", "count", "steps", "seed", "strength", "guidance_scale",
                      "orientation", "size", "prompt_mode", "priority", "endpoints"}));
}

TEST(GenerateRequest, APromptIsRequiredUnlessTheModelWritesIt) {
    EXPECT_EQ(faultyFields(read(Json::object())), Fields{"prompt"});
    EXPECT_EQ(faultyFields(read({{"prompt", "  \n"}})), Fields{"prompt"});
    EXPECT_TRUE(read({{"random", true}}).ok());
}

TEST(GenerateRequest, APromptMayHaveTenThousandCharactersNotBytes) {
    std::string umlauts;
    for (int i = 0; i < 10'000; ++i)
        umlauts += "ü";
    EXPECT_TRUE(read({{"prompt", umlauts}}).ok());
    EXPECT_EQ(faultyFields(read({{"prompt", umlauts + "x"}})), Fields{"prompt"});
}

TEST(GenerateRequest, NullAndUnknownFieldsAreIgnored) {
    const auto result = read({{"prompt", "x"},
                              {"seed", nullptr},
                              {"guidance_scale", nullptr},
                              {"image", nullptr},
                              {"count", nullptr},
                              {"sampler", {{"deep", {1, 2, 3}}}}});
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->spec.count, 1);
}

TEST(GenerateRequest, ASeedIsAnyOfNothingMinusOneAndTheWholeRange) {
    EXPECT_FALSE(read({{"prompt", "x"}, {"seed", ""}})->spec.seed);
    EXPECT_FALSE(read({{"prompt", "x"}, {"seed", -1}})->spec.seed);
    EXPECT_EQ(read({{"prompt", "x"}, {"seed", 0}})->spec.seed, 0);
    EXPECT_EQ(read({{"prompt", "x"}, {"seed", 9007199254740991}})->spec.seed, 9007199254740991);
    EXPECT_EQ(faultyFields(read({{"prompt", "x"}, {"seed", 9007199254740992}})), Fields{"seed"});
    EXPECT_EQ(faultyFields(read({{"prompt", "x"}, {"seed", 1.5}})), Fields{"seed"});
}

TEST(GenerateRequest, GuidanceIsANumberNothingOrRandom) {
    EXPECT_TRUE(read({{"prompt", "x"}, {"guidance_scale", "random"}})->spec.randomGuidance);
    EXPECT_EQ(read({{"prompt", "x"}, {"guidance_scale", 3.5}})->spec.guidanceScale, 3.5);
    EXPECT_EQ(faultyFields(read({{"prompt", "x"}, {"guidance_scale", "3.5"}})),
              Fields{"guidance_scale"});
}

TEST(GenerateRequest, EndpointsAreAllAnyOrAListInConfigOrder) {
    EXPECT_EQ(read({{"prompt", "x"}, {"endpoints", "any"}})->spec.target, Target::Any);
    const auto list = read({{"prompt", "x"}, {"endpoints", {"Sketch", "Studio A", "Sketch"}}});
    EXPECT_EQ(list->spec.target, Target::List);
    EXPECT_EQ(list->spec.endpoints, (std::vector<std::string>{"Studio A", "Sketch"}));
    EXPECT_EQ(faultyFields(read({{"prompt", "x"}, {"endpoints", Json::array()}})),
              Fields{"endpoints"});
    EXPECT_EQ(faultyFields(read({{"prompt", "x"}, {"endpoints", {1}}})), Fields{"endpoints"});
    EXPECT_EQ(
        faultyFields(read({{"prompt", "x"}, {"endpoints", "any"}, {"prompt_mode", "different"}})),
        Fields{"prompt_mode"});
}

TEST(GenerateRequest, APictureComesAsBase64OrAsADataUrl) {
    const auto plain = read({{"prompt", "x"}, {"image", kPixel}});
    ASSERT_TRUE(plain.ok());
    EXPECT_EQ(plain->spec.imageMime, "image/png");
    EXPECT_EQ(plain->spec.imageWidth, 1U);
    EXPECT_EQ(plain->extension, ".png");
    const auto url =
        read({{"prompt", "x"}, {"image", std::string("data:image/jpeg;base64,") + kPixel}});
    ASSERT_TRUE(url.ok());
    EXPECT_EQ(url->spec.imageMime, "image/png") << "the bytes count, not what the client says";
    EXPECT_EQ(url->picture, plain->picture);
}

TEST(GenerateRequest, AListOfPicturesThatIsNoJsonIsRefusedRatherThanDropped) {
    for (const char* list : {R"([{"role":"start" "image":"x"}])", R"([{"role":"mask",}])", "[1 2]",
                             R"([{"role" "start"}])"}) {
        const std::string body = std::string(R"({"prompt":"x","images":)") + list + "}";
        EXPECT_FALSE(readGenerateRequest(request(body), kRules).ok()) << body;
    }
}

TEST(GenerateRequest, ANumberOfAFormIsShortHoweverManyBracketsItIs) {
    const auto read = readGenerateRequest(request("prompt=x&steps=" + std::string(5'000'000, '['),
                                                  "application/x-www-form-urlencoded"),
                                          kRules);
    EXPECT_EQ(faultyFields(read), Fields({"steps"}));
}

TEST(GenerateRequest, APictureThatIsNoneIsRefused) {
    for (const char* image : {"!!!", "aGVsbG8gd29ybGQ=", "data:image/png,abc", "A"}) {
        const auto result = read({{"prompt", "x"}, {"image", image}});
        ASSERT_FALSE(result.ok()) << image;
        EXPECT_EQ(result.error().code, ErrorCode::InvalidImageFormat) << image;
    }
    EXPECT_EQ(faultyFields(read({{"prompt", "x"}, {"image", 5}})), Fields{"image"});
}

TEST(GenerateRequest, APictureOfOneByteOverTenMegabytesIsTooLarge) {
    const std::string head("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1", 24);
    std::string body =
        "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nx\r\n"
        "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n";
    const auto send = [&](std::size_t size) {
        const std::string picture = head + std::string(size - head.size(), 'x');
        return readGenerateRequest(
            request(body + picture + "\r\n--b--\r\n", "multipart/form-data; boundary=b"), kRules);
    };
    EXPECT_TRUE(send(10'485'760).ok());
    const auto result = send(10'485'761);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::ImageTooLarge);
}

TEST(GenerateRequest, AFormMeansWhatTheSameJsonMeans) {
    const auto json = read({{"prompt", "x"},
                            {"random", true},
                            {"count", 3},
                            {"seed", 42},
                            {"strength", 0.5},
                            {"guidance_scale", 3.5},
                            {"endpoints", {"Studio A", "Sketch"}}});
    const auto field = [](const std::string& name, const std::string& value) {
        return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value +
               "\r\n";
    };
    const auto form = readGenerateRequest(
        request(field("prompt", "x") + field("random", "YES") + field("count", "3") +
                    field("seed", "42") + field("strength", "0.5") +
                    field("guidance_scale", "3.5") + field("endpoints", "Studio A, Sketch") +
                    field("steps", "") + "--b--\r\n",
                "multipart/form-data; boundary=b"),
        kRules);
    ASSERT_TRUE(json.ok() && form.ok());
    EXPECT_EQ(form->spec.toJson(), json->spec.toJson());
    EXPECT_EQ(form->fingerprint(), json->fingerprint());
    const auto url = readGenerateRequest(
        request("prompt=x&random=1&count=3&seed=42&strength=0.5&guidance_scale=3.5&endpoints="
                "Studio+A&endpoints=Sketch",
                "application/x-www-form-urlencoded"),
        kRules);
    ASSERT_TRUE(url.ok());
    EXPECT_EQ(url->spec.toJson(), json->spec.toJson());
}

TEST(GenerateRequest, AFormWithWordsForNumbersIsRefused) {
    const auto result = readGenerateRequest(
        request("prompt=x&count=three&random=maybe&seed=1e99", "application/x-www-form-urlencoded"),
        kRules);
    EXPECT_EQ(faultyFields(result), (Fields{"count", "random", "seed"}));
}

TEST(GenerateRequest, CurlsDefaultTypeDoesNotHideJson) {
    const auto result = readGenerateRequest(
        request(R"( {"prompt": "x", "count": 2})", "application/x-www-form-urlencoded"), kRules);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->spec.count, 2);
}

TEST(GenerateRequest, ABodyThatIsNoJsonObjectIsRefusedWhateverItIs) {
    std::string deep(100'000, '[');
    for (const std::string& body :
         {std::string(), std::string("null"), std::string("[]"), std::string("\"x\""),
          std::string("{\"prompt\": \"x\""), std::string("{\"prompt\": \"x\"} trailing"),
          std::string("{\"prompt\": \"\xff\xfe\"}"), deep, "{\"a\":" + deep}) {
        const auto result = readGenerateRequest(request(body), kRules);
        EXPECT_FALSE(result.ok()) << body.substr(0, 40);
        if (!result.ok()) EXPECT_EQ(result.error().code, ErrorCode::Validation);
    }
}

TEST(GenerateRequest, TheFingerprintTellsPicturesApart) {
    auto a = read({{"prompt", "x"}, {"image", kPixel}});
    auto b = read({{"prompt", "x"}});
    auto c = read({{"prompt", "y"}});
    EXPECT_NE(a->fingerprint(), b->fingerprint());
    EXPECT_NE(b->fingerprint(), c->fingerprint());
}

// Another PNG of one pixel: the first with a byte more behind it.
std::string otherPixel() {
    return "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+"
           "M9QDwADhgGAWjR9awAAAABJRU5E"
           "rkJggkE=";
}

TEST(GenerateRequest, PicturesWithRolesKeepTheirOrder) {
    const auto result = read({{"prompt", "a cat"},
                              {"images",
                               {{{"image", kPixel}, {"role", "reference"}},
                                {{"role", "start"}, {"image", kPixel}},
                                {{"role", "mask"}, {"image", otherPixel()}},
                                {{"role", "control"}, {"image", kPixel}}}}});
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_TRUE(result->spec.hasImage());
    EXPECT_FALSE(result->picture.empty());
    ASSERT_EQ(result->spec.inputs.size(), 3U);
    using host::plugins::InputRole;
    EXPECT_EQ(result->spec.inputs[0].role, InputRole::Reference);
    EXPECT_EQ(result->spec.inputs[1].role, InputRole::Mask);
    EXPECT_EQ(result->spec.inputs[2].role, InputRole::Control);
    EXPECT_EQ(result->spec.inputs[1].mime, "image/png");
    ASSERT_EQ(result->otherPictures.size(), 3U);
    EXPECT_EQ(result->otherPictures[1].size(), result->otherPictures[0].size() + 1);
    const auto again = host::pipeline::JobSpec::fromJson(result->spec.toJson());
    ASSERT_EQ(again.inputs.size(), 3U);
    EXPECT_EQ(again.inputs[2].role, InputRole::Control);
    EXPECT_EQ(again.inputs[2].width, 1U);
}

TEST(GenerateRequest, EveryFaultOfAListOfPicturesIsNamed) {
    Json many = Json::array();
    for (int i = 0; i < 9; ++i)
        many.push_back({{"role", "reference"}, {"image", kPixel}});
    const auto faulty = [](const Json& images) {
        return faultyFields(read({{"prompt", "a cat"}, {"images", images}}));
    };
    EXPECT_EQ(faulty({{{"role", "hat"}, {"image", kPixel}}, 5, {{"role", "mask"}}}),
              (Fields{"images[0].role", "images[1]", "images[2].image"}));
    EXPECT_EQ(faulty("x"), Fields{"images"});
    EXPECT_EQ(faultyFields(read({{"images", "x"}})), (Fields{"images", "prompt"}));
    EXPECT_EQ(faulty(many), Fields{"images"});
    EXPECT_EQ(faulty({{{"role", "mask"}, {"image", kPixel}}}), Fields{"mask"});
    EXPECT_EQ(
        faulty({{{"role", "start"}, {"image", kPixel}}, {{"role", "start"}, {"image", kPixel}}}),
        Fields{"images[1].image"});
    EXPECT_EQ(faulty({{{"role", "start"}, {"image", kPixel}},
                      {{"role", "mask"}, {"image", kPixel}},
                      {{"role", "mask"}, {"image", kPixel}}}),
              Fields{"mask"});
    EXPECT_TRUE(read({{"prompt", "a cat"}, {"images", nullptr}}).ok());
}

TEST(GenerateRequest, APictureOfTheListThatIsNoneIsNamed) {
    const auto result = read({{"prompt", "a cat"},
                              {"images",
                               {{{"role", "reference"}, {"image", kPixel}},
                                {{"role", "reference"}, {"image", "aGVsbG8="}},
                                {{"role", "control"}, {"image", "%%%"}}}}});
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::InvalidImageFormat);
    Fields fields;
    for (const Json& fault : result.error().details["errors"])
        fields.insert(fault["field"].get<std::string>());
    EXPECT_EQ(fields, (Fields{"images[1].image", "images[2].image"}));
}

TEST(GenerateRequest, OtherPicturesOrRolesAreAnotherRequest) {
    const auto print = [](const char* role, const std::string& image) {
        const auto result =
            read({{"prompt", "a cat"}, {"images", {{{"role", role}, {"image", image}}}}});
        EXPECT_TRUE(result.ok());
        return result.ok() ? result->fingerprint() : std::string();
    };
    EXPECT_EQ(print("reference", kPixel), print("reference", kPixel));
    EXPECT_NE(print("reference", kPixel), print("control", kPixel));
    EXPECT_NE(print("reference", kPixel), print("reference", otherPixel()));
}

}  // namespace
