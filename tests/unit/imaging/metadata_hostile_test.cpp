// Files made to hurt: whatever is in them, reading ends soon, takes little memory and fails at
// nothing.
#include <array>
#include <chrono>
#include <functional>
#include <random>
#include <vector>

#include "imaging/metadata_own.hpp"
#include "imaging/metadata_text.hpp"
#include "metadata_fixture.hpp"

namespace {

using namespace metadata_test;
using host::Json;

// A file that is not in memory: `head`, then `piece` again and again.
class EndlessSource : public ByteSource {
  public:
    EndlessSource(std::string head, std::string piece, std::uint64_t pieces)
        : head_(std::move(head)), piece_(std::move(piece)), pieces_(pieces) {}
    std::uint64_t size() const override { return head_.size() + pieces_ * piece_.size(); }
    std::size_t read(std::uint64_t offset, char* to, std::size_t count) override {
        std::size_t have = 0;
        while (have < count && offset < size()) {
            const bool inHead = offset < head_.size();
            const std::string& from = inHead ? head_ : piece_;
            const auto at =
                static_cast<std::size_t>(inHead ? offset : (offset - head_.size()) % piece_.size());
            const std::size_t n = std::min(count - have, from.size() - at);
            from.copy(to + have, n, at);
            have += n;
            offset += n;
        }
        bytesRead += have;
        return have;
    }
    std::uint64_t bytesRead = 0;

  private:
    const std::string head_;
    const std::string piece_;
    const std::uint64_t pieces_;
};

std::string pngHead() {
    const std::string png = pngWith("");
    return png.substr(0, 33);
}

double secondsOf(const std::function<void()>& work) {
    const auto begun = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

TEST(HostileMetadata, TextChunksOfManyMegabytesAreSkippedUnread) {
    EndlessSource png(pngHead(), pngChunk("tEXt", "Comment" + std::string(1 << 20, '\0')), 100);
    EXPECT_FALSE(readMetadata(png).generation);
    EXPECT_LT(png.bytesRead, 2U << 20);
    EndlessSource named(
        pngHead(),
        pngChunk("tEXt", "parameters" + std::string(1, '\0') + std::string(1 << 20, 'x')), 100);
    EXPECT_FALSE(readMetadata(named).generation) << "too long to be kept";
    EXPECT_LT(named.bytesRead, 2U << 20);
}

TEST(HostileMetadata, AMillionTinyChunksTakeNoTime) {
    for (const std::string& chunk :
         {pngChunk("tEXt", ""), pngChunk("tEXt", "parameters\0"sv), pngChunk("eXIf", "MM"),
          pngChunk("zTXt", "parameters\0\0\0"sv), pngChunk("iTXt", "image_pipeline\0\1\0"sv)}) {
        EndlessSource png(pngHead(), chunk, 1'000'000);
        EXPECT_LT(secondsOf([&] { EXPECT_FALSE(readMetadata(png).generation); }), 5.0);
    }
    EndlessSource webp("RIFF" + asLittle32(0xfffffff0) + "WEBP", webpChunk("EXIF", ""), 1'000'000);
    EXPECT_LT(secondsOf([&] { EXPECT_FALSE(readMetadata(webp).generation); }), 5.0);
    EndlessSource jpeg("\xff\xd8\xff", jpegSegment(0xe1, "Exif\0\0MM"sv), 1'000'000);
    EXPECT_LT(secondsOf([&] { EXPECT_FALSE(readMetadata(jpeg).generation); }), 5.0);
}

TEST(HostileMetadata, PackedTextIsUnpackedOnlyAsFarAsItIsKept) {
    const std::string bomb = deflated(std::string(64 << 20, 'x'));
    const std::string fits = deflated(std::string(kMaxMetadataText, 'x'));
    const std::string over = deflated(std::string(kMaxMetadataText + 1, 'x'));
    const auto packed = [](std::string_view data) {
        return pngWith(pngChunk("zTXt", std::string("parameters\0\0"sv) + std::string(data)));
    };
    EXPECT_FALSE(read(packed(bomb)).generation);
    EXPECT_FALSE(read(packed(over)).generation);
    EXPECT_FALSE(read(packed(fits.substr(0, fits.size() / 2))).generation) << "cut off";
    ASSERT_TRUE(read(packed(fits)).generation);
    EXPECT_EQ(read(packed(fits)).generation->prompt.size(), kMaxMetadataText);
    EndlessSource many(pngHead(), pngChunk("iTXt", std::string("parameters\0\1\0\0\0"sv) + over),
                       100'000);
    EXPECT_LT(secondsOf([&] { EXPECT_FALSE(readMetadata(many).generation); }), 5.0);
}

TEST(HostileMetadata, DeepNestingNeverReachesTheParser) {
    const std::string brackets(100'000, '[');
    const std::string braces = [] {
        std::string text;
        for (int i = 0; i < 40'000; ++i)
            text += "{\"a\":";
        return text;
    }();
    for (const std::string& deep : {brackets, brackets + std::string(100'000, ']'), braces}) {
        EXPECT_FALSE(read(pngWithText("prompt", deep)).generation);
        EXPECT_FALSE(read(pngWithText("image_pipeline", deep)).generation);
        // Brackets are A1111's way to weigh words: this is a prompt, and never looked into.
        const auto generation = read(pngWithText("parameters", deep)).generation;
        if (generation) EXPECT_TRUE(deep.starts_with(generation->prompt.substr(0, 100)));
    }
    EXPECT_TRUE(parseFound("{\"a\": \"[[[[[[[[\\\"[[[[[[[\"}")) << "brackets in text are text";
    EXPECT_EQ(parseFound("[NaN, -Infinity, Infinity, \"NaN\"]"),
              FoundJson::parse("[null, null, null, \"NaN\"]"));
}

TEST(HostileMetadata, JsonOfVeryManyKeysTakesNoTime) {
    std::string keys = "{\"request\": {";
    for (int i = 0; keys.size() < kMaxMetadataText - 100; ++i)
        keys += "\"" + std::to_string(i) + "\":0,";
    keys += "\"prompt\": \"x\"}}";
    EXPECT_LT(secondsOf([&] {
                  const Metadata metadata = read(pngWithText("image_pipeline", keys));
                  ASSERT_TRUE(metadata.generation);
                  EXPECT_LE(metadata.generation->request.size(), 50U);
              }),
              5.0);
}

TEST(HostileMetadata, SettingsWithoutEndTakeNoTime) {
    std::string line = "Steps: 1, Seed: 2, Size: 8x8";
    while (line.size() < kMaxMetadataText - 20)
        line += ", a1: \"\\";
    EXPECT_LT(secondsOf([&] { read(pngWithText("parameters", line)); }), 5.0);
    EXPECT_LT(secondsOf([&] {
                  read(pngWithText("parameters", std::string(kMaxMetadataText - 20, 'a')));
              }),
              5.0);
}

TEST(HostileMetadata, ExifThatLeadsOutsideOrInCirclesGivesWhatIsSound) {
    const auto inWebp = [](const std::string& tiff) { return webpWith(webpChunk("EXIF", tiff)); };
    const std::string iso = tiffEntry(0x8827, 3, 1, 200);
    const struct {
        const char* what;
        std::vector<std::string> entries;
    } cases[] = {
        {"a value behind the end", {tiffEntry(0x010f, 2, 50, 100'000)}},
        {"a value of 4 GB", {tiffEntry(0x010f, 2, 0xffffffff, 8)}},
        {"more numbers than can be", {tiffEntry(0x829a, 5, 0xffffffff, 8)}},
        {"a directory in itself", {tiffEntry(0x8769, 4, 1, 8)}},
        {"a directory behind the end", {tiffEntry(0x8769, 4, 1, 0xfffffff0)}},
        {"an unknown type", {tiffEntry(0x010f, 99, 1, 8)}},
        {"a fraction of nothing", {tiffEntry(0x829d, 5, 1, 10)}},
    };
    for (const auto& bad : cases) {
        std::vector<std::string> entries = bad.entries;
        entries.push_back(iso);
        const Metadata metadata = read(inWebp(tiffWith(entries)));
        ASSERT_TRUE(metadata.camera) << bad.what;
        EXPECT_EQ(metadata.camera->iso, 200) << bad.what;
        EXPECT_EQ(metadata.camera->make, "") << bad.what;
        EXPECT_FALSE(metadata.camera->exposureSeconds) << bad.what;
    }
    // One large value, named a thousand times.
    std::vector<std::string> many(
        1000, tiffEntry(0x9003, 2, static_cast<std::uint32_t>(kMaxMetadataText), 100));
    many.push_back(iso);
    const std::string tiff = tiffWith(many, std::string(kMaxMetadataText, 'x'));
    EXPECT_LT(secondsOf([&] { read(inWebp(tiff)); }), 5.0);
}

TEST(HostileMetadata, EveryCutLeavesAReadableRest) {
    for (const char* name : {"a1111.png", "phone.jpg", "a1111.jpg", "a1111_le.webp",
                             "comfyui_flux.png", "a1111_ztxt.png"}) {
        const std::string whole = sample(name);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            // On the heap, so that a byte too many shows.
            const std::vector<char> cut(whole.begin(),
                                        whole.begin() + static_cast<std::ptrdiff_t>(size));
            toJson(read({cut.data(), cut.size()})).dump();
        }
    }
}

// Thousands of damaged files; under the address sanitizer every wrong read shows.
TEST(HostileMetadata, DamagedFilesAlwaysGiveValidJson) {
    constexpr std::array kNames{"a1111.png",   "a1111_itxt.png", "a1111_ztxt.png",
                                "a1111.jpg",   "a1111_le.webp",  "a1111_ascii.jpg",
                                "comfyui.png", "phone.jpg",      "comfyui_flux.png"};
    std::mt19937 random(20240531);
    const auto upTo = [&](std::size_t end) { return random() % end; };
    for (const char* name : kNames) {
        const std::string whole = sample(name);
        for (int round = 0; round < 1000; ++round) {
            std::string bytes = whole;
            const std::size_t changes = 1 + upTo(8);
            for (std::size_t i = 0; i < changes; ++i) {
                const std::size_t at = upTo(bytes.size());
                switch (upTo(4)) {
                    case 0:
                        bytes[at] = static_cast<char>(random());
                        break;
                    case 1:
                        bytes[at] = upTo(2) == 0 ? '\0' : '\xff';
                        break;
                    case 2:
                        bytes.erase(at, 1 + upTo(16));
                        break;
                    default:
                        bytes.insert(at, bytes.substr(upTo(bytes.size()), upTo(32)));
                }
                if (bytes.empty()) break;
            }
            const std::vector<char> heap(bytes.begin(), bytes.end());
            // dump() throws for text that is not UTF-8.
            ASSERT_NO_THROW(toJson(read({heap.data(), heap.size()})).dump()) << name << round;
        }
    }
}

TEST(HostileMetadata, OurOwnJsonIsTakenAtFaceValueOnlyWhereItIsPlain) {
    const auto generation = parseOwn(
        R"({"seed": "x", "steps": -3, "width": 1e99, "request": {"prompt": "p", "deep": {"a": 1},
            "endpoints": ["A", ["B"], {"c": 1}, 5], "n": null, "steps": 4}})");
    ASSERT_TRUE(generation);
    EXPECT_FALSE(generation->seed);
    EXPECT_FALSE(generation->steps);
    EXPECT_FALSE(generation->width);
    EXPECT_EQ(generation->prompt, "p");
    EXPECT_EQ(generation->request, (Json{{"endpoints", {"A", 5}}, {"prompt", "p"}, {"steps", 4}}));
    for (const char* bad : {"", "[]", "{}", "{\"request\": 5}", "{\"request\": []}", "nonsense"})
        EXPECT_FALSE(parseOwn(bad)) << bad;
}

}  // namespace
