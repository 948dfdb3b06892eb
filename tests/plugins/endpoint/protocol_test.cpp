#include "endpoint/protocol.hpp"

#include "common/upstream.hpp"

namespace {

using ipl::Status;
using testing::HasSubstr;
using upstream::Json;

template <class F>
ipl::Error failureOf(F&& function) {
    try {
        function();
    } catch (const ipl::Error& error) {
        return error;
    }
    return ipl::Error(Status::kOk, "no failure");
}

TEST(EndpointProtocol, TheAddressComesFromTheSettings) {
    EXPECT_EQ(endpoint::baseUrl(R"({"ip":"192.168.5.40","port":2222})"),
              "http://192.168.5.40:2222");
    EXPECT_EQ(endpoint::baseUrl(R"({"ip":"gpu.local","port":80})"), "http://gpu.local:80");
    EXPECT_EQ(endpoint::baseUrl(R"({"ip":"fe80::1","port":1})"), "http://[fe80::1]:1");
    EXPECT_EQ(endpoint::baseUrl(R"({"ip":"[::1]","port":1})"), "http://[::1]:1");
}

TEST(EndpointProtocol, AWrongSettingIsNamed) {
    auto field = [](const char* settings) {
        return failureOf([&] { endpoint::baseUrl(settings); }).field();
    };
    EXPECT_EQ(field("{}"), "/ip");
    EXPECT_EQ(field(R"({"ip":"","port":1})"), "/ip");
    EXPECT_EQ(field(R"({"ip":"http://h","port":1})"), "/ip");
    EXPECT_EQ(field(R"({"ip":"h","port":0})"), "/port");
    EXPECT_EQ(field(R"({"ip":"h","port":70000})"), "/port");
    EXPECT_EQ(field(R"({"ip":"h","port":"80"})"), "/port");
}

TEST(EndpointProtocol, SendsExactlyTheDocumentedFields) {
    ipl_image_request raw{};
    raw.struct_size = sizeof raw;
    ipl::ImageRequest request(raw);
    request.prompt = "a \"red\" cat";
    request.orientation = "portrait";
    request.sizeClass = "1mp";
    request.steps = 20;
    EXPECT_EQ(Json::parse(endpoint::requestBody(request)),
              Json::parse(R"({"prompt":"a \"red\" cat","orientation":"portrait","size":"1mp",
                              "steps":20,"batch":1})"));

    const std::string bytes = "GIF89a";
    request.seed = 9007199254740991;
    request.guidanceScale = 3.5;
    request.image = ipl::ImageInput{.mime = "image/gif", .bytes = ipl::bytesOf(bytes)};
    request.strength = 0.25;
    EXPECT_EQ(Json::parse(endpoint::requestBody(request)),
              Json::parse(R"({"prompt":"a \"red\" cat","orientation":"portrait","size":"1mp",
                  "steps":20,"batch":1,"seed":9007199254740991,"guidance_scale":3.5,
                  "input_image":"data:image/gif;base64,R0lGODlh","strength":0.25})"));
}

TEST(EndpointProtocol, EveryFieldOfTheEntryIsKept) {
    auto pictures = endpoint::parseAnswer(
        R"({"success":true,"images":[{"filename":"x.png","seed":123,"took":{"s":1.5},"n":null}]})");
    ASSERT_EQ(pictures.size(), 1u);
    EXPECT_EQ(pictures[0].filename, "x.png");
    EXPECT_EQ(pictures[0].seed, 123);
    EXPECT_EQ(pictures[0].stats, R"({"filename":"x.png","seed":123,"took":{"s":1.5},"n":null})");
}

TEST(EndpointProtocol, TheSeedMayBeANumberOrItsText) {
    auto seed = [](const std::string& json) {
        return endpoint::parseAnswer(R"({"images":[{"filename":"x","seed":)" + json + "}]}")[0]
            .seed;
    };
    EXPECT_EQ(seed("7"), 7);
    EXPECT_EQ(seed("-1"), -1);
    EXPECT_EQ(seed("\"42\""), 42);
    EXPECT_EQ(seed("3.0"), 3);
    EXPECT_EQ(seed("3.5"), std::nullopt);
    EXPECT_EQ(seed("1e300"), std::nullopt);
    EXPECT_EQ(seed("18446744073709551615"), std::nullopt);
    EXPECT_EQ(seed("\"x\""), std::nullopt);
    EXPECT_EQ(seed("null"), std::nullopt);
}

TEST(EndpointProtocol, AnAnswerWithAThousandPicturesGivesEight) {
    std::string body = R"({"success":true,"images":[{"filename":"a"})";
    for (int i = 0; i < 1000; ++i)
        body += R"(,{"filename":"a"})";
    EXPECT_EQ(endpoint::parseAnswer(body + "]}").size(), endpoint::kMaxPictures);
}

TEST(EndpointProtocol, AReportedFailureKeepsItsWords) {
    for (const char* body : {R"({"success":false,"error":"CUDA out of memory"})",
                             R"({"success":false,"error":{"message":"CUDA out of memory"}})",
                             R"({"success":true,"images":[],"error":"CUDA out of memory"})",
                             R"({"error":"CUDA out of memory"})"}) {
        auto error = failureOf([&] { endpoint::parseAnswer(body); });
        EXPECT_EQ(error.status(), Status::kUpstream);
        EXPECT_THAT(error.message(), HasSubstr("CUDA out of memory"));
    }
}

TEST(EndpointProtocol, AnAnswerWithoutSenseIsBadOutput) {
    for (const char* body :
         {"", "null", "[]", "{\"success\": tru", "<html></html>", R"({"success":true})",
          R"({"success":true,"images":null})", R"({"success":true,"images":{}})",
          R"({"success":true,"images":[]})", R"({"success":true,"images":[7]})",
          R"({"success":true,"images":[{"seed":1}]})",
          R"({"success":true,"images":[{"filename":null}]})"})
        EXPECT_EQ(failureOf([&] { endpoint::parseAnswer(body); }).status(), Status::kBadOutput)
            << body;
    std::string deep = R"({"images":[{"filename":"a","x":)" + std::string(1000000, '[');
    EXPECT_EQ(failureOf([&] { endpoint::parseAnswer(deep); }).status(), Status::kBadOutput);
}

TEST(EndpointProtocol, AHostileNameStaysOneSegmentOfThePath) {
    EXPECT_EQ(upstream::pathSegment("../../etc/passwd"), "..%2F..%2Fetc%2Fpasswd");
    EXPECT_EQ(upstream::pathSegment("a b\r\n\"é?#%"), "a%20b%0D%0A%22%C3%A9%3F%23%25");
    EXPECT_EQ(upstream::pathSegment(""), "");
}

}  // namespace
