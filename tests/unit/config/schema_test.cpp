#include "config/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using host::Json;
using host::config::SettingsFault;
using host::config::validateSettings;
using ::testing::HasSubstr;
using ::testing::Not;

const Json& pluginSchema() {
    static const Json schema = Json::parse(R"({
      "type": "object", "additionalProperties": false, "required": ["ip", "port"],
      "properties": {
        "ip": {"type": "string", "minLength": 1, "maxLength": 5, "description": "Machine."},
        "port": {"type": "integer", "minimum": 1, "maximum": 65535},
        "scale": {"type": "number", "minimum": 0.5, "default": 1.5},
        "offset": {"type": "integer", "minimum": -10, "maximum": 10},
        "mode": {"type": "string", "enum": ["fast", "fine"], "default": "fast"},
        "tags": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string"}},
        "model": {"type": ["string", "null"]},
        "verbose": {"type": "boolean"},
        "api_token": {"type": "string", "minLength": 20},
        "inner": {"type": "object", "properties": {"depth": {"type": "integer", "default": 3}}}
      }})");
    return schema;
}

// "pointer: message" of each fault of the value.
std::vector<std::string> check(const std::string& value, const Json& schema = pluginSchema()) {
    std::vector<std::string> lines;
    for (const SettingsFault& fault : validateSettings(schema, Json::parse(value), "/s")) {
        lines.push_back((fault.warning ? "(warning) " : "") + fault.pointer + ": " + fault.message);
    }
    return lines;
}

using Lines = std::vector<std::string>;

TEST(Schema, GoodSettingsPass) {
    EXPECT_EQ(check(R"({"ip": "a.b", "port": 80, "scale": 2, "mode": "fine", "tags": ["x"],
                        "model": null, "verbose": false, "inner": {"depth": 1}})"),
              Lines{});
}

TEST(Schema, AValueOfTheWrongTypeOrRangeSaysWhatWasFoundAndExpected) {
    const auto one = [](const std::string& member) {
        const Lines lines = check(R"({"ip": "x", "port": 1, )" + member + "}");
        EXPECT_EQ(lines.size(), 1U) << member;
        return lines.empty() ? "" : lines[0];
    };
    EXPECT_EQ(check(R"({"ip": "x", "port": "abc"})"),
              Lines{"/s/port: found \"abc\", expected an integer 1-65535"});
    EXPECT_EQ(check(R"({"ip": "x", "port": 65536})"),
              Lines{"/s/port: found 65536, expected an integer 1-65535"});
    EXPECT_EQ(check(R"({"ip": "x", "port": 80.0})"),
              Lines{"/s/port: found 80.0, expected an integer 1-65535"});
    EXPECT_EQ(check(R"({"ip": "abcdef", "port": 1})"),
              Lines{"/s/ip: found \"abcdef\", expected a text of 1-5 characters"});
    EXPECT_EQ(one(R"("offset": 11)"), "/s/offset: found 11, expected an integer -10 to 10");
    EXPECT_EQ(one(R"("scale": 0.25)"), "/s/scale: found 0.25, expected a number of at least 0.5");
    EXPECT_EQ(one(R"("mode": "slow")"), "/s/mode: found \"slow\", expected \"fast\" or \"fine\"");
    EXPECT_EQ(one(R"("tags": [])"), "/s/tags: found a list of 0, expected a list of 1-2 items");
    EXPECT_EQ(one(R"("tags": ["a", 5])"), "/s/tags/1: found 5, expected a text");
    EXPECT_EQ(one(R"("model": 5)"), "/s/model: found 5, expected a text or null");
    EXPECT_EQ(one(R"("verbose": null)"), "/s/verbose: found null, expected true or false");
    EXPECT_EQ(one(R"("inner": {"depth": "x"})"),
              "/s/inner/depth: found \"x\", expected an integer");
    EXPECT_EQ(one(R"("inner": 1)"), "/s/inner: found 1, expected an object");
}

TEST(Schema, LengthsCountCharactersNotBytes) {
    EXPECT_EQ(check("{\"ip\": \"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\", \"port\": 1}"),
              Lines{});
}

TEST(Schema, AllFaultsComeAtOnce) {
    EXPECT_EQ(check(R"({"port": 0, "mode": 1, "tags": [1, 2]})").size(), 5U);
}

TEST(Schema, AMissingRequiredKeyIsAFault) {
    EXPECT_EQ(check(R"({"ip": "x"})"), Lines{"/s: found no \"port\", expected an integer 1-65535"});
}

TEST(Schema, AnUnknownKeyNearAKnownOneNamesIt) {
    EXPECT_EQ(check(R"({"ip": "x", "port": 1, "prot": 1})"),
              Lines{"/s/prot: found the unknown key \"prot\", did you mean \"port\"?"});
    const Lines far = check(R"({"ip": "x", "port": 1, "colour": 1})");
    ASSERT_EQ(far.size(), 1U);
    EXPECT_THAT(far[0], HasSubstr("unknown key \"colour\", expected \"ip\", \"port\""));
}

TEST(Schema, AnUnknownKeyIsAWarningWhereTheSchemaIsOpen) {
    EXPECT_EQ(
        check(R"({"ip": "x", "port": 1, "inner": {"colour": 1}})"),
        Lines{"(warning) /s/inner/colour: found the unknown key \"colour\", which is ignored"});
    EXPECT_EQ(check(R"({"ip": "x", "port": 1, "inner": {"deptj": 1}})"),
              Lines{"/s/inner/deptj: found the unknown key \"deptj\", did you mean \"depth\"?"});
    const Json free = Json::parse(R"({"type": "object"})");
    EXPECT_EQ(check(R"({"anything": 1})", free), Lines{});
    const Json open = Json::parse(
        R"({"type": "object", "additionalProperties": true, "properties": {"port": {}}})");
    EXPECT_EQ(check(R"({"prot": 1})", open), Lines{});
}

TEST(Schema, TheValueOfASecretIsNeverShown) {
    const Lines lines = check(R"({"ip": "x", "port": 1, "api_token": "sk-hidden"})");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_THAT(lines[0], Not(HasSubstr("sk-hidden")));
    EXPECT_THAT(lines[0], HasSubstr("a text of 9 characters"));
}

TEST(Schema, LongValuesAreCutAndControlCharactersEscapedInMessages) {
    const Lines lines = check(R"({"ip": "x", "port": "a\n)" + std::string(10'000, 'z') + "\"}");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_LT(lines[0].size(), 150U);
    EXPECT_THAT(lines[0], HasSubstr("a\\nzzz"));
}

TEST(Schema, RangesHoldForTheLargestIntegers) {
    const Json schema = Json::parse(R"({"type": "integer", "maximum": 9007199254740991})");
    EXPECT_EQ(check("9007199254740991", schema), Lines{});
    EXPECT_EQ(check("9007199254740992", schema).size(), 1U);
    EXPECT_EQ(check("18446744073709551615", schema).size(), 1U);
    EXPECT_EQ(check("-9223372036854775808", schema), Lines{});
}

TEST(Schema, DefaultsAreFilledInAtEveryLevelThatIsThere) {
    const Json filled = host::config::withDefaults(
        pluginSchema(), Json::parse(R"({"ip": "x", "mode": "fine", "inner": {}})"));
    EXPECT_EQ(filled["scale"], 1.5);
    EXPECT_EQ(filled["mode"], "fine");
    EXPECT_EQ(filled["inner"]["depth"], 3);
    EXPECT_FALSE(filled.contains("port"));
    EXPECT_FALSE(filled.contains("tags"));
}

TEST(Schema, ASchemaOfForeignOriginIsChecked) {
    using host::config::schemaFault;
    EXPECT_EQ(schemaFault(pluginSchema()), std::nullopt);
    for (const char* bad :
         {R"([])", R"("x")", R"({"type": "text"})", R"({"type": 1})", R"({"type": ["string", 5]})",
          R"({"properties": []})", R"({"properties": {"a": 1}})", R"({"items": []})",
          R"({"required": "a"})", R"({"enum": "a"})", R"({"minimum": "1"})",
          R"({"properties": {"a": {"items": {"maxLength": null}}}})"}) {
        EXPECT_TRUE(schemaFault(Json::parse(bad)).has_value()) << bad;
    }
    const auto fault = schemaFault(Json::parse(R"({"properties": {"a": {"type": "text"}}})"));
    EXPECT_THAT(fault.value_or(""), HasSubstr("/properties/a"));
    Json deep = Json::object();
    for (int i = 0; i < 100; ++i)
        deep = Json{{"items", deep}};
    EXPECT_TRUE(schemaFault(deep).has_value());
}

TEST(Schema, AWrongSchemaNeverThrows) {
    for (const char* schema :
         {R"([])", R"(null)", R"({"type": 5})", R"({"properties": [], "required": {}})",
          R"({"required": [1, null]})", R"({"enum": 1, "minimum": "x"})", R"({"items": 1})",
          R"({"properties": {"a": 5}})"}) {
        for (const char* value : {"{\"a\": 1}", "[1]", "1", "\"x\"", "null"}) {
            EXPECT_NO_THROW(check(value, Json::parse(schema))) << schema << value;
            EXPECT_NO_THROW(host::config::withDefaults(Json::parse(schema), Json::parse(value)));
        }
    }
}

TEST(NearestName, FindsTheSlipsThatPeopleMake) {
    const std::vector<std::string_view> known = {"listen_address", "endpoints", "port", "ip",
                                                 "min"};
    const auto nearest = [&known](std::string_view name) {
        return host::config::nearestName(name, known);
    };
    EXPECT_EQ(nearest("endpoint"), "endpoints");
    EXPECT_EQ(nearest("endpionts"), "endpoints");
    EXPECT_EQ(nearest("listenAddress"), "listen_address");
    EXPECT_EQ(nearest("listen-addres"), "listen_address");
    EXPECT_EQ(nearest("Port"), "port");
    EXPECT_EQ(nearest("sort"), "port");
    EXPECT_EQ(nearest("IP"), "ip");
    EXPECT_EQ(nearest("host"), "");
    EXPECT_EQ(nearest("id"), "");
    EXPECT_EQ(nearest("colour"), "");
    EXPECT_EQ(nearest(""), "");
}

}  // namespace
