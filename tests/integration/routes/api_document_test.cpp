// docs/openapi.json: what every port serves is in it, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

#include "common/api_check.hpp"
#include "integration/routes/routes_fixture.hpp"

namespace test {

namespace {

using host::Json;

constexpr const char* kServices[] = {"dual_gen", "json_from_image", "create_json"};

// With its parameters' names left out.
std::string shapeOf(const std::string& route) {
    static const std::regex kParameter("\\{[^}]*\\}");
    return std::regex_replace(route, kParameter, "{}");
}

struct Served {
    std::set<std::string> routes;
    std::set<std::string> legacy;
};

// As the host says in its log at the start.
Served servedBy(const HostProcess& host, const std::string& service) {
    Served served;
    std::istringstream lines(host.log());
    const std::string mark = service + " serves ";
    for (std::string line; std::getline(lines, line);) {
        const std::size_t at = line.find(mark);
        if (at == std::string::npos) continue;
        std::string route = line.substr(at + mark.size());
        const std::size_t end = route.find(" (legacy)");
        if (end == std::string::npos) {
            served.routes.insert(shapeOf(route));
        } else {
            served.legacy.insert(shapeOf(route.substr(0, end)));
        }
    }
    return served;
}

TEST(ApiDocument, DescribesEveryRouteOfEveryPortAndNoOther) {
    HostProcess host(echoEndpoints());
    host.start();
    for (const char* service : kServices) {
        std::set<std::string> described;
        for (const std::string& route : describedRoutes(service))
            described.insert(shapeOf(route));
        const Served served = servedBy(host, service);
        EXPECT_FALSE(served.routes.empty());
        for (const std::string& route : served.routes)
            EXPECT_TRUE(described.contains(route)) << service << ": not described: " << route;
        for (const std::string& route : described)
            EXPECT_TRUE(served.routes.contains(route)) << service << ": not served: " << route;
        for (std::string route : served.legacy) {
            route.replace(route.find("/api/"), 5, "/api/v1/");
            EXPECT_TRUE(described.contains(route)) << service << ": legacy only: " << route;
        }
    }
}

TEST(ApiDocument, IsServedOnEveryPortAsItStandsInTheTree) {
    HostProcess host(echoEndpoints());
    host.start();
    const Json written =
        Json::parse(readFile(std::filesystem::path(IPL_SOURCE_DIR) / "docs" / "openapi.json"));
    for (const char* service : kServices) {
        const HttpAnswer answer = HttpClient(host.url(service)).get("/openapi.json");
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.json(), written) << service;
    }
    EXPECT_EQ(written["openapi"], "3.1.0");
}

// The check itself: what differs from the document is seen.
TEST(ApiDocument, AnAnswerOfAnotherShapeIsNoticed) {
    const Headers headers{{"X-Correlation-ID", "a"}, {"Content-Type", "application/json"}};
    const auto fault = [&](const char* method, const char* path, int status, const char* body) {
        return apiFault("dual_gen", method, path,
                        {.status = status, .headers = headers, .body = body});
    };
    const char* cleared = R"({"success": true, "cleared": 3})";
    EXPECT_EQ(fault("POST", "/api/v1/queue/clear", 200, cleared), std::nullopt);
    EXPECT_NE(fault("POST", "/api/v1/queue/clear", 200, R"({"success": true})"), std::nullopt);
    EXPECT_NE(fault("POST", "/api/v1/queue/clear", 200, R"({"success": true, "cleared": "3"})"),
              std::nullopt);
    EXPECT_NE(fault("POST", "/api/v1/queue/clear", 201, cleared), std::nullopt);
    EXPECT_NE(fault("GET", "/api/v1/nowhere", 200, cleared), std::nullopt);
    EXPECT_NE(fault("POST", "/api/queue/clear", 200, cleared), std::nullopt) << "no deprecation";
    EXPECT_NE(fault("GET", "/api/v1/queue", 500, cleared), std::nullopt) << "no error's shape";
    EXPECT_NE(apiFault("dual_gen", "POST", "/api/v1/queue/clear",
                       {.status = 200, .headers = {headers[1]}, .body = cleared}),
              std::nullopt)
        << "no correlation id";
}

}  // namespace

}  // namespace test
