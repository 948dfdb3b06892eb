// Answers that hold pictures are read by another parser than small ones, with the same outcome.
#include "common/base64.hpp"
#include "common/upstream.hpp"

namespace {

using upstream::Json;

std::string withPicture(const std::string& rest) {
    return R"({"picture":")" + std::string(100'000, 'A') + "\"," + rest + "}";
}

TEST(LargeAnswers, AreReadAsSmallOnesAre) {
    const std::string rest =
        R"("seed":18446744073709551615,"low":-9223372036854775808,"cfg":7.5,"text":"\u00e9\ud83d\ude00\n",)"
        R"("list":[1,[],{},null,true,false,"x"],"seed_of":{"a":{"b":-1}},"twice":1,"twice":2)";
    Json large = *upstream::parseJson(withPicture(rest));
    EXPECT_EQ(large["picture"].get<std::string>().size(), 100'000U);
    large.erase("picture");
    EXPECT_EQ(large, *upstream::parseJson("{" + rest + "}"));
    EXPECT_TRUE(large["seed"].is_number_unsigned());
    EXPECT_TRUE(large["low"].is_number_integer());
    EXPECT_TRUE(large["twice"].is_number_unsigned());
}

TEST(LargeAnswers, WithNumbersOfMoreThan64BitsAreReadAllTheSame) {
    const auto large = upstream::parseJson(withPicture(R"("seed":123456789012345678901234567890)"));
    ASSERT_TRUE(large);
    EXPECT_DOUBLE_EQ((*large)["seed"].get<double>(), 123456789012345678901234567890.0);
}

TEST(LargeAnswers, ThatAreBrokenNestedOrNoUtf8AreRefused) {
    for (const std::string& rest : {std::string("\"a\":"), "\"a\":" + std::string(100'000, '['),
                                    std::string("\"a\":\"\xff\""), std::string("\"a\":1}}")})
        EXPECT_FALSE(upstream::parseJson(withPicture(rest)));
}

// A million of them would take an hour, as they are looked up one after the other.
TEST(LargeAnswers, WithAMillionMembersInOneObjectAreRefused) {
    const auto members = [](int count) {
        std::string text = R"({"x":"\\\"")";
        for (int i = 0; i < count; ++i)
            text += ",\"" + std::to_string(i) + "\":0";
        return text + "}";
    };
    EXPECT_TRUE(upstream::parseJson(members(9'000)));
    EXPECT_FALSE(upstream::parseJson(members(1'000'000)));
    EXPECT_TRUE(upstream::parseJson("[" + members(9'000) + "," + members(9'000) + "]"));
}

TEST(Base64, ReadsWhateverIsBetweenTheGroups) {
    EXPECT_EQ(upstream::fromBase64("aGVsbG8="), "hello");
    EXPECT_EQ(upstream::fromBase64("aGVs\nbG8="), "hello");
    EXPECT_EQ(upstream::fromBase64("aG Vs bG8"), "hello");
    EXPECT_EQ(upstream::fromBase64("data:image/png;base64,aGVsbG8="), "hello");
    EXPECT_EQ(upstream::fromBase64("aGVsbG8\x80"), std::nullopt);
    EXPECT_EQ(upstream::fromBase64("aGVs!bG8="), std::nullopt);
    EXPECT_EQ(upstream::fromBase64(""), "");
    std::string all;
    for (int i = 0; i < 256; ++i)
        all += static_cast<char>(i);
    for (std::size_t length = 0; length <= all.size(); ++length)
        EXPECT_EQ(upstream::fromBase64(upstream::base64(all.substr(0, length))),
                  all.substr(0, length));
}

}  // namespace
