#include "services/vision/analyze_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/http_client.hpp"

namespace {

using host::ErrorCode;
using host::Json;
using host::services::readAnalyzeRequest;
using testing::ElementsAre;
using testing::HasSubstr;

// One pixel.
constexpr const char* kPng =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg==";

auto readJson(const std::string& body) {
    host::http::Request request;
    request.method = "POST";
    request.headers.set("Content-Type", "application/json");
    request.body = body;
    return readAnalyzeRequest(request);
}

auto readForm(const test::Form& form) {
    host::http::Request request;
    request.method = "POST";
    for (const auto& [name, value] : form.headers())
        request.headers.set(name, value);
    request.body = form.body();
    return readAnalyzeRequest(request);
}

std::vector<std::string> faultsOf(const auto& result) {
    std::vector<std::string> fields;
    if (result.ok()) return {"accepted"};
    EXPECT_EQ(result.error().code, ErrorCode::Validation) << result.error().message;
    for (const Json& fault : result.error().details.value("errors", Json::array()))
        fields.push_back(fault.value("field", ""));
    return fields;
}

TEST(AnalyzeRequest, TakesAPictureInEveryForm) {
    const std::string png = kPng;
    for (const std::string& body :
         {R"({"image_base64":")" + png + R"("})",
          R"({"image_base64":"data:image/png;base64,)" + png + R"("})",
          R"({"image_base64":"DATA:image/webp;charset=x;BASE64,)" + png +
              R"(","mime":"image/gif"})",
          R"({"image":")" + png + R"(","mime":null,"model":null,"steering":null,"more":[1]})"}) {
        const auto request = readJson(body);
        ASSERT_TRUE(request.ok()) << body;
        EXPECT_TRUE(request->picture.starts_with("\x89PNG")) << body;
    }
    test::Form form;
    form.file("image", "holiday.jpg", "image/jpeg", "GIF89a\x01\x02").field("model", " m ");
    form.field("steering", "film noir");
    const auto request = readForm(form);
    ASSERT_TRUE(request.ok());
    EXPECT_TRUE(request->picture.starts_with("GIF89a"));
    EXPECT_EQ(request->model, "m");
    EXPECT_EQ(request->steering, "film noir");
}

TEST(AnalyzeRequest, ReportsEveryFaultAtOnce) {
    EXPECT_THAT(faultsOf(readJson("{}")), ElementsAre("image_base64"));
    EXPECT_THAT(faultsOf(readJson(R"({"image_base64":""})")), ElementsAre("image_base64"));
    EXPECT_THAT(faultsOf(readJson(R"({"image_base64":7})")), ElementsAre("image_base64"));
    EXPECT_THAT(faultsOf(readJson(R"({"model":[],"steering":1,"mime":{}})")),
                ElementsAre("image_base64", "mime", "model", "steering"));
    EXPECT_THAT(faultsOf(readForm(test::Form().field("steering", "x"))), ElementsAre("image"));
    EXPECT_THAT(faultsOf(readForm(test::Form().file("image", "", "", ""))), ElementsAre("image"));
    EXPECT_THAT(faultsOf(readJson("nonsense")), ElementsAre("body"));
    EXPECT_THAT(faultsOf(readJson("")), ElementsAre("body"));
    EXPECT_THAT(faultsOf(readJson("[]")), ElementsAre("body"));
}

TEST(AnalyzeRequest, BoundsTextsByCharacters) {
    const auto with = [](const std::string& name, std::size_t characters) {
        Json body = {{"image_base64", kPng}};
        std::string text;
        for (std::size_t i = 0; i < characters; ++i)
            text += "é";
        body[name] = text;
        return faultsOf(readJson(body.dump()));
    };
    EXPECT_THAT(with("steering", 10'000), ElementsAre("accepted"));
    EXPECT_THAT(with("steering", 10'001), ElementsAre("steering"));
    EXPECT_THAT(with("model", 200), ElementsAre("accepted"));
    EXPECT_THAT(with("model", 201), ElementsAre("model"));
}

TEST(AnalyzeRequest, APictureIsJudgedByItsBytes) {
    const auto codeOf = [](const auto& result) { return result.error().code; };
    EXPECT_EQ(codeOf(readJson(R"({"image_base64":"%%%"})")), ErrorCode::InvalidImageFormat);
    EXPECT_EQ(codeOf(readJson(R"({"image_base64":"data:image/png,abc"})")),
              ErrorCode::InvalidImageFormat);
    EXPECT_EQ(codeOf(readJson(R"({"image_base64":"aGVsbG8gd29ybGQ=","mime":"image/png"})")),
              ErrorCode::InvalidImageFormat);
    const std::string large = "\x89PNG\r\n\x1a\n" + std::string(10 * 1024 * 1024, 'x');
    EXPECT_EQ(codeOf(readForm(test::Form().file("image", "a.png", "image/png", large))),
              ErrorCode::ImageTooLarge);
}

}  // namespace
