// Stamping: what a picture says afterwards, and that nothing else of it has changed.
#include "imaging/stamp.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "imaging/pixels.hpp"
#include "metadata_fixture.hpp"

namespace {

using namespace metadata_test;
using host::Json;

Generation fox() {
    Generation generation;
    generation.prompt = "a fox, \"red\" & <wild>\nSteps: into the snow";
    generation.negativePrompt = "blur";
    generation.seed = 9007199254740991;
    generation.steps = 25;
    generation.guidanceScale = 3.5;
    generation.width = 48;
    generation.height = 32;
    generation.model = "model, with comma";
    generation.request = {{"prompt", generation.prompt}, {"negative_prompt", "blur"},
                          {"seed", 9007199254740991},    {"size", "1mp"},
                          {"endpoints", {"Studio Ä"}},   {"count", 1}};
    return generation;
}

Stamp foxStamp() {
    return makeStamp(fox(), {{"job_id", "abcd1234"}, {"run", 2}, {"endpoint", "Studio Ä"}});
}

struct Written {
    host::Result<Stamped> result;
    std::string bytes;
};

Written write(const std::string& bytes, const Stamp& stamp) {
    const test::TempDir folder;
    const int fd = ::open((folder / "to").c_str(), O_RDWR | O_CREAT, 0600);
    MemorySource source(bytes);
    auto result = writeStamped(source, fd, stamp);
    ::close(fd);
    return {std::move(result), test::readFile(folder / "to")};
}

std::string stamped(const std::string& bytes, const Stamp& stamp = foxStamp()) {
    Written written = write(bytes, stamp);
    EXPECT_TRUE(written.result.ok());
    EXPECT_EQ(*written.result, Stamped::Yes);
    return written.bytes;
}

void expectFox(const std::string& bytes, const Generation& expected = fox()) {
    const Metadata metadata = read(bytes);
    ASSERT_TRUE(metadata.generation);
    EXPECT_EQ(metadata.generation->source, "image_pipeline");
    EXPECT_EQ(metadata.generation->prompt, expected.prompt);
    EXPECT_EQ(metadata.generation->negativePrompt, expected.negativePrompt);
    EXPECT_EQ(metadata.generation->seed, expected.seed);
    EXPECT_EQ(metadata.generation->steps, expected.steps);
    EXPECT_EQ(metadata.generation->guidanceScale, expected.guidanceScale);
    EXPECT_EQ(metadata.generation->width, expected.width);
    EXPECT_EQ(metadata.generation->model, expected.model);
    EXPECT_EQ(metadata.generation->jobId, "abcd1234");
    for (const auto& [name, value] : expected.request.items())
        EXPECT_EQ(metadata.generation->request[name], value) << name;
}

constexpr const char* kPictures[] = {"alpha.png",     "palette_interlaced.png", "grey16.png",
                                     "plain.jpg",     "progressive.jpg",        "cmyk.jpg",
                                     "lossy.webp",    "lossless.webp",          "alpha.webp",
                                     "animated.webp", "orientation6.jpg"};

TEST(Stamp, IsReadBackAndLeavesThePixelsAlone) {
    for (const char* name : kPictures) {
        SCOPED_TRACE(name);
        const std::string before = picture(name);
        const std::string after = stamped(before);
        expectFox(after);
        const auto was = decode(before, 0);
        const auto is = decode(after, 0);
        ASSERT_TRUE(was.ok() && is.ok());
        EXPECT_EQ(was->width, is->width);
        EXPECT_TRUE(was->rgb == is->rgb);
    }
}

// Everything of the original stands in the stamped file, in its order: pixels and whatever else.
TEST(Stamp, KeepsEveryByteOfTheOriginalButForWebpsHeader) {
    for (const char* name : kPictures) {
        SCOPED_TRACE(name);
        const std::string before = picture(name);
        const std::string after = stamped(before);
        const bool webp = before.starts_with("RIFF");
        const std::string_view body =
            webp ? std::string_view(before).substr(before.substr(12, 4) == "VP8X" ? 30 : 12)
                 : std::string_view(before);
        if (webp) {
            EXPECT_NE(after.find(body), std::string::npos);
            continue;
        }
        const std::size_t common = static_cast<std::size_t>(
            std::mismatch(before.begin(), before.end(), after.begin()).first - before.begin());
        EXPECT_TRUE(after.ends_with(body.substr(common))) << "what was added is in one place";
    }
}

TEST(Stamp, ALaterOneOfOursCountsAndTheEarlierStays) {
    Generation second = fox();
    second.prompt = second.request["prompt"] = "the second";
    for (const char* name : {"alpha.png", "plain.jpg", "lossy.webp"}) {
        SCOPED_TRACE(name);
        const std::string once = stamped(picture(name));
        const std::string twice = stamped(once, makeStamp(second, {{"job_id", "abcd1234"}}));
        expectFox(twice, second);
        EXPECT_NE(twice.find("Steps: into the snow"), std::string::npos);
        Generation third = fox();
        third.prompt = third.request["prompt"] = "the third";
        expectFox(stamped(twice, makeStamp(third, {{"job_id", "abcd1234"}})), third);
    }
}

TEST(Stamp, TheTextOfAnA1111BackendIsKept) {
    for (const char* name : {"a1111.png", "a1111_ztxt.png", "a1111.jpg", "a1111_le.webp"}) {
        SCOPED_TRACE(name);
        const std::string after = stamped(sample(name));
        expectFox(after);
        EXPECT_EQ(after.find("Version: Image Pipeline"), std::string::npos);
        EXPECT_EQ(after.find(std::string("V\0e\0r\0s\0i\0o\0n\0:\0 \0I"sv)), std::string::npos);
    }
    const std::string phone = stamped(sample("phone.jpg"));
    expectFox(phone);
    EXPECT_EQ(read(phone).camera->model, "iPhone 13 Pro");
}

TEST(Stamp, A1111sReadersFindTheirText) {
    // Without ours, what is left is the text for others.
    std::string png = stamped(picture("alpha.png"));
    png.replace(png.find("image_pipeline"), 14, "something_else");
    for (std::string bytes : {png}) {
        const Metadata metadata = read(bytes);
        ASSERT_TRUE(metadata.generation);
        EXPECT_EQ(metadata.generation->source, "a1111");
        EXPECT_EQ(metadata.generation->prompt, fox().prompt);
        EXPECT_EQ(metadata.generation->negativePrompt, "blur");
        EXPECT_EQ(metadata.generation->seed, fox().seed);
        EXPECT_EQ(metadata.generation->steps, 25);
        EXPECT_EQ(metadata.generation->guidanceScale, 3.5);
        EXPECT_EQ(metadata.generation->width, 48U);
        EXPECT_EQ(metadata.generation->model, "model, with comma");
    }
    for (const char* name : {"plain.jpg", "lossy.webp"}) {
        SCOPED_TRACE(name);
        std::string bytes = stamped(picture(name));
        for (std::size_t at = bytes.find("urn:image"); at != std::string::npos;
             at = bytes.find("urn:image"))
            bytes.replace(at, 9, "urn:other");
        const Metadata metadata = read(bytes);
        ASSERT_TRUE(metadata.generation);
        EXPECT_EQ(metadata.generation->source, "a1111");
        EXPECT_EQ(metadata.generation->prompt, fox().prompt);
        EXPECT_EQ(metadata.generation->seed, fox().seed);
    }
}

TEST(Stamp, TextsOfAnyScriptAndLengthComeBack) {
    Generation long_ = fox();
    const std::string piece = "雪の中の狐 \U0001F98A \"quoted\" \\ & < > \x01\x7f é\uFFFE\n";
    while (long_.prompt.size() < 60'000)
        long_.prompt += piece;
    long_.request["prompt"] = long_.prompt;
    long_.negativePrompt = std::string(10'000, '"');
    long_.request["negative_prompt"] = long_.negativePrompt;
    for (const char* name : {"alpha.png", "plain.jpg", "lossy.webp", "lossless.webp"}) {
        SCOPED_TRACE(name);
        const std::string after =
            stamped(picture(name), makeStamp(long_, {{"job_id", "abcd1234"}}));
        expectFox(after, long_);
        EXPECT_TRUE(decode(after, 0).ok());
    }
}

TEST(Stamp, SomebodyElsesXmpIsKept) {
    const std::string xmp =
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF><dc:title>Mine</dc:title></rdf:RDF>"
        "</x:xmpmeta>";
    std::string jpeg = picture("plain.jpg");
    jpeg.insert(2, jpegSegment(0xe1, std::string("http://ns.adobe.com/xap/1.0/\0"sv) + xmp));
    const std::string stampedJpeg = stamped(jpeg);
    expectFox(stampedJpeg);
    EXPECT_NE(stampedJpeg.find(xmp), std::string::npos);
    EXPECT_EQ(stampedJpeg.find("urn:image-pipeline"), std::string::npos);

    std::string webp = stamped(picture("lossy.webp"));
    const std::string ours = "<ipl:generation>";
    const std::size_t at = webp.find(ours);
    ASSERT_NE(at, std::string::npos);
    webp.replace(webp.find("urn:image-pipeline"), 18, "urn:somebody-else!");
    Generation second = fox();
    second.prompt = second.request["prompt"] = "the second";
    const std::string again = stamped(webp, makeStamp(second, {{"job_id", "abcd1234"}}));
    expectFox(again, second);
    EXPECT_NE(again.find("urn:somebody-else!"), std::string::npos);
    EXPECT_TRUE(decode(again, 0).ok());
}

TEST(Stamp, XmpThatAnotherProgramRewroteIsStillRead) {
    std::string jpeg = picture("plain.jpg");
    const std::string packet =
        "<rdf:Description xmlns:ns0='urn:image-pipeline:metadata:1' xmlns:dc='x' "
        "ns0:generation='{&quot;job_id&quot;:&#34;abcd1234&#x22;, \"request\": {\"prompt\": "
        "\"a &amp; b\"}}' dc:x='y'/>";
    jpeg.insert(2, jpegSegment(0xe1, std::string("http://ns.adobe.com/xap/1.0/\0"sv) + packet));
    const Metadata metadata = read(jpeg);
    ASSERT_TRUE(metadata.generation);
    EXPECT_EQ(metadata.generation->prompt, "a & b");
    EXPECT_EQ(metadata.generation->jobId, "abcd1234");
}

TEST(Stamp, WhatIsNotUnderstoodIsNotTouched) {
    const std::string good = picture("plain.jpg");
    const std::string webp = picture("lossy.webp");
    for (const std::string& bytes :
         {std::string("no picture"), std::string(), picture("animated.gif"),
          good.substr(0, good.find("\xff\xda")), picture("alpha.png").substr(0, 30),
          webp.substr(0, webp.size() / 2), webpWith(webpChunk("ABCD", "what")),
          pngWith("").replace(12, 4, "IDAT")}) {
        const Written written = write(bytes, foxStamp());
        ASSERT_TRUE(written.result.ok());
        EXPECT_EQ(*written.result, Stamped::No) << bytes.substr(0, 12);
        EXPECT_EQ(written.bytes, "");
    }
}

TEST(Stamp, AFileThatCannotBeWrittenIsAnError) {
    const int full = ::open("/dev/full", O_WRONLY);
    ASSERT_GE(full, 0);
    const std::string bytes = picture("alpha.png");
    MemorySource source(bytes);
    const auto result = writeStamped(source, full, foxStamp());
    ::close(full);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, host::ErrorCode::RefusingWork);
}

}  // namespace
