// The secret that our own services share, as a file.
#include "services/common/service_key.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>
#include <thread>

#include "common/temp_dir.hpp"

namespace {

using host::services::serviceKey;

TEST(ServiceKey, IsMadeOnceAndReadByItsOwnerOnly) {
    const test::TempDir folder;
    const auto first = serviceKey(folder / "new");
    ASSERT_TRUE(first.ok()) << first.error().message;
    EXPECT_GE(first->size(), 32U);
    const auto second = serviceKey(folder / "new");
    ASSERT_TRUE(second.ok());
    EXPECT_EQ(*second, *first);
    struct stat state {};
    ASSERT_EQ(::stat((folder / "new/service.key").c_str(), &state), 0);
    EXPECT_EQ(state.st_mode & 0777, 0600U);
}

TEST(ServiceKey, IsTheSameForAllWhoStartAtOnce) {
    const test::TempDir folder;
    std::vector<std::string> keys(8);
    std::vector<std::thread> starting;
    for (std::string& key : keys) {
        starting.emplace_back([&] {
            const auto got = serviceKey(folder.path());
            if (got) key = *got;
        });
    }
    for (std::thread& thread : starting)
        thread.join();
    EXPECT_EQ(std::set(keys.begin(), keys.end()).size(), 1U);
    EXPECT_FALSE(keys[0].empty());
    const auto files = std::filesystem::directory_iterator(folder.path());
    EXPECT_EQ(std::distance(begin(files), end(files)), 1) << "no drafts are left behind";
}

TEST(ServiceKey, ThatOthersCanReadOrThatIsNoneIsRefused) {
    const test::TempDir folder;
    const auto file = folder / "service.key";
    test::writeFile(file, std::string(64, 'a') + "\n");
    ::chmod(file.c_str(), 0644);
    EXPECT_FALSE(serviceKey(folder.path()).ok());
    ::chmod(file.c_str(), 0600);
    EXPECT_TRUE(serviceKey(folder.path()).ok());
    for (const std::string& content :
         {std::string(), std::string("short"), std::string(4000, 'a'), std::string(40, '\n'),
          "two words " + std::string(40, 'a')}) {
        test::writeFile(file, content);
        EXPECT_FALSE(serviceKey(folder.path()).ok()) << content.size();
    }
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    EXPECT_FALSE(serviceKey(folder.path()).ok());
}

}  // namespace
