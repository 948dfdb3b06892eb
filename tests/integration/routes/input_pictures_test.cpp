// Input pictures of every format reach a plugin that carries no decoder of its own.
#include <gtest/gtest.h>

#include "common/temp_dir.hpp"
#include "integration/support/generator.hpp"

namespace test {

namespace {

using host::Json;

std::string sample(const std::string& name) {
    return readFile(std::filesystem::path(IPL_TEST_DATA) / "pictures" / name);
}

Json drawOver(const HttpClient& client, const std::string& picture) {
    return run(client, {{"prompt", "a harbour"},
                        {"size", "0.5mp"},
                        {"steps", 5},
                        {"image", base64(picture)},
                        {"strength", 0.5}});
}

TEST(InputPictures, OfEveryFormatAreDrawnOver) {
    HostProcess host({{"endpoints", {{{"name", "Sketch"}, {"plugin", "sketch"}}}}});
    host.start();
    for (const char* name : {"plain.jpg", "alpha.png", "lossy.webp", "animated.gif", "cmyk.jpg"}) {
        const Json status = drawOver(host.client(), sample(name));
        EXPECT_EQ(status.value("status", ""), "completed") << name << "\n" << status.dump(1);
    }
}

TEST(InputPictures, ThatAreBrokenFailTheirRunOnceAndSayWhy) {
    HostProcess host({{"endpoints", {{{"name", "Sketch"}, {"plugin", "sketch"}}}}});
    host.start();
    const std::string whole = sample("lossy.webp");
    const Json status = drawOver(host.client(), whole.substr(0, whole.size() / 2));
    EXPECT_EQ(status.value("status", ""), "failed");
    EXPECT_NE(status.value("error", "").find("input picture"), std::string::npos) << status.dump(1);
    const Json attempts =
        query(host.database(), "select count(*) as n from attempts where kind = 'image'");
    EXPECT_EQ(attempts[0]["n"], 1) << "the picture does not get better by trying again";
}

}  // namespace

}  // namespace test
