// A host with two endpoints that tell in their stats what they were asked for.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "integration/support/generator.hpp"

namespace test {

inline host::Json echoEndpoints() {
    return {{"endpoints",
             {{{"name", "Echo A"}, {"plugin", "echo"}}, {{"name", "Echo B"}, {"plugin", "echo"}}}}};
}

// The contract's shape of an error: nothing more, nothing less at its top.
inline void expectError(const HttpAnswer& answer, int status, const std::string& code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.header("Content-Type").substr(0, 16), "application/json");
    const host::Json body = answer.json();
    ASSERT_TRUE(body.is_object()) << answer.body;
    EXPECT_EQ(body.size(), 3U) << answer.body;
    EXPECT_EQ(body.value("success", true), false);
    ASSERT_TRUE(body.contains("error") && body["error"].is_object()) << answer.body;
    const host::Json& error = body["error"];
    EXPECT_EQ(error.value("code", ""), code) << answer.body;
    EXPECT_NE(error.value("message", ""), "") << answer.body;
    EXPECT_TRUE(error.contains("details") && error["details"].is_object()) << answer.body;
    EXPECT_EQ(body.value("correlation_id", "?"), answer.header("X-Correlation-ID"));
    EXPECT_FALSE(answer.header("X-Correlation-ID").empty());
    EXPECT_EQ(error.value("message", "").find("/tmp/"), std::string::npos)
        << "a message that shows a path: " << answer.body;
}

// The names of the faulty fields, in the order they were reported.
inline std::vector<std::string> faultyFields(const HttpAnswer& answer) {
    std::vector<std::string> fields;
    const host::Json body = answer.json();
    for (const host::Json& fault : body["error"]["details"]["errors"]) {
        EXPECT_NE(fault.value("message", ""), "");
        fields.push_back(fault.value("field", ""));
    }
    return fields;
}

inline std::string jobIdOf(const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    const host::Json body = answer.json();
    return body.is_object() ? body.value("job_id", "") : "";
}

}  // namespace test
