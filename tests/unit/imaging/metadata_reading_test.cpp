// What is read out of the files that people have.
#include "metadata_fixture.hpp"

namespace {

using namespace metadata_test;
using host::Json;

constexpr char kPrompt[] =
    "masterpiece, a red fox in the snow,\nSteps: of stone, moss, ferns\n(sunlight:1.2)";

void expectFox(const Metadata& metadata) {
    ASSERT_TRUE(metadata.generation);
    const Generation& generation = *metadata.generation;
    EXPECT_EQ(generation.source, "a1111");
    EXPECT_EQ(generation.prompt, kPrompt);
    EXPECT_EQ(generation.negativePrompt, "blurry, lowres,\nbad hands");
    EXPECT_EQ(generation.seed, 3141592653);
    EXPECT_EQ(generation.steps, 28);
    EXPECT_EQ(generation.guidanceScale, 6.5);
    EXPECT_EQ(generation.width, 832U);
    EXPECT_EQ(generation.height, 1216U);
    EXPECT_EQ(generation.strength, 0.35);
    EXPECT_EQ(generation.sampler, "DPM++ 2M Karras");
    EXPECT_EQ(generation.model, "sd_xl: base, 1.0");
    EXPECT_FALSE(metadata.camera);
}

void expectSnow(const Metadata& metadata) {
    ASSERT_TRUE(metadata.generation);
    EXPECT_EQ(metadata.generation->prompt, "ein Fuchs im Schnee, 雪の中の狐 🦊");
    EXPECT_EQ(metadata.generation->negativePrompt, "häßlich");
    EXPECT_EQ(metadata.generation->seed, 42);
    EXPECT_EQ(metadata.generation->model, "animé");
}

void expectLighthouse(const Metadata& metadata) {
    ASSERT_TRUE(metadata.generation);
    const Generation& generation = *metadata.generation;
    EXPECT_EQ(generation.source, "comfyui");
    EXPECT_EQ(generation.prompt, "a lighthouse at dusk, \"stormy\" sea");
    EXPECT_EQ(generation.negativePrompt, "text, watermark");
    EXPECT_EQ(generation.seed, 156680208700286) << "of the sampler that began from noise";
    EXPECT_EQ(generation.steps, 20);
    EXPECT_EQ(generation.guidanceScale, 8.0);
    EXPECT_EQ(generation.width, 512U);
    EXPECT_EQ(generation.height, 768U);
    EXPECT_EQ(generation.sampler, "dpmpp_2m");
    EXPECT_EQ(generation.model, "dreamshaper_8.safetensors");
    EXPECT_FALSE(generation.strength);
    EXPECT_FALSE(metadata.camera) << "the graph stands in the camera's fields";
}

TEST(MetadataReading, APhonesPictureTellsOfItsCamera) {
    const Metadata metadata = read(sample("phone.jpg"));
    ASSERT_TRUE(metadata.camera);
    EXPECT_FALSE(metadata.generation) << "a comment alone is no generation data";
    const Json expected = {{"make", "Apple"},
                           {"model", "iPhone 13 Pro"},
                           {"lens", "iPhone 13 Pro back triple camera 5.7mm f/1.5"},
                           {"taken_at", "2024:05:31 18:02:11"},
                           {"focal_length_mm", 5.7},
                           {"focal_length_35mm", 26.0},
                           {"f_number", 1.5},
                           {"exposure_seconds", 1.0 / 120},
                           {"iso", 64},
                           {"flash", false}};
    EXPECT_EQ(toJson(metadata), (Json{{"camera", expected}})) << toJson(metadata).dump(2);
}

TEST(MetadataReading, A1111TextIsFoundInEveryPlaceWhereItIsWritten) {
    for (const char* name : {"a1111.png", "a1111_ztxt.png", "a1111_ascii.jpg"}) {
        SCOPED_TRACE(name);
        expectFox(read(sample(name)));
    }
    for (const char* name : {"a1111_itxt.png", "a1111.jpg", "a1111_le.webp"}) {
        SCOPED_TRACE(name);
        expectSnow(read(sample(name)));
    }
}

TEST(MetadataReading, AServersOwnTailBehindTheSettingsDoesNotConfuseThem) {
    const Metadata metadata = read(sample("sd_server.png"));
    ASSERT_TRUE(metadata.generation);
    EXPECT_EQ(toJson(metadata)["generation"], (Json{{"source", "a1111"},
                                                    {"prompt", "a red cat"},
                                                    {"negative_prompt", "blur"},
                                                    {"seed", 7},
                                                    {"steps", 1},
                                                    {"guidance_scale", 1.0},
                                                    {"width", 64},
                                                    {"height", 64},
                                                    {"sampler", "euler"},
                                                    {"model", "tiny-sd1.safetensors"}}));
}

TEST(MetadataReading, AComfyGraphIsFollowedBackFromItsSampler) {
    expectLighthouse(read(sample("comfyui.png")));
    expectLighthouse(read(sample("comfyui.webp")));
    const Metadata flux = read(sample("comfyui_flux.png"));
    ASSERT_TRUE(flux.generation);
    EXPECT_EQ(toJson(flux)["generation"], (Json{{"source", "comfyui"},
                                                {"prompt", "a glass whale above a city"},
                                                {"seed", 219670278747233},
                                                {"steps", 24},
                                                {"guidance_scale", 3.5},
                                                {"width", 1344},
                                                {"height", 768},
                                                {"sampler", "euler"},
                                                {"model", "flux1-dev.safetensors"}}));
}

TEST(MetadataReading, MostPicturesTellNothing) {
    for (const char* name : {"alpha.png", "plain.jpg", "lossy.webp", "animated.gif"}) {
        EXPECT_EQ(toJson(read(picture(name))), Json::object()) << name;
    }
    EXPECT_EQ(toJson(read("")), Json::object());
    EXPECT_EQ(toJson(read("no picture at all")), Json::object());
}

TEST(MetadataReading, AFileIsReadLikeMemory) {
    const test::TempDir folder;
    test::writeFile(folder / "x.png", sample("a1111.png"));
    FILE* file = std::fopen((folder / "x.png").c_str(), "rb");
    ASSERT_NE(file, nullptr);
    FileSource source(fileno(file));
    EXPECT_EQ(source.size(), sample("a1111.png").size());
    expectFox(readMetadata(source));
    std::fclose(file);
}

TEST(MetadataReading, APromptWithoutSettingsCountsWhereItsPlaceSaysWhatItIs) {
    const Metadata png = read(pngWithText("parameters", "only words\nNegative prompt: none"));
    ASSERT_TRUE(png.generation);
    EXPECT_EQ(png.generation->prompt, "only words");
    EXPECT_EQ(png.generation->negativePrompt, "none");
    EXPECT_FALSE(png.generation->seed);
    EXPECT_FALSE(read(jpegWith(jpegSegment(0xfe, "only words"))).generation);
    EXPECT_TRUE(read(jpegWith(jpegSegment(0xfe, "fox\nSteps: 3, Seed: 4, Size: 8x8"))).generation);
}

TEST(MetadataReading, OddSettingsAreLeftOutOneByOne) {
    const Metadata metadata = read(pngWithText(
        "parameters",
        "fox\nSteps: 99999999999, Seed: -1, CFG scale: nan, Size: 0x8, Denoising strength: 1e999, "
        "Model: \"unclosed, Sampler: Euler, Steps: 4"));
    ASSERT_TRUE(metadata.generation);
    EXPECT_EQ(toJson(metadata)["generation"], (Json{{"source", "a1111"},
                                                    {"prompt", "fox"},
                                                    {"sampler", "Euler"},
                                                    {"model", "\"unclosed"}}));
}

TEST(MetadataReading, OtherJsonUnderA1111sNameIsNoPrompt) {
    EXPECT_FALSE(
        read(pngWithText("parameters", R"({"sui_image_params": {"prompt": "x"}})")).generation);
    const Metadata scene =
        read(pngWithText("parameters", "{\"subject\": \"fox\"}\nSteps: 2, Seed: 3, Size: 8x8"));
    ASSERT_TRUE(scene.generation) << "but a scene is a prompt";
    EXPECT_EQ(scene.generation->prompt, "{\"subject\": \"fox\"}");
}

TEST(MetadataReading, TextThatIsNotUtf8IsLatin1) {
    const Metadata metadata = read(pngWithText("parameters", "gr\xfc\xdf dich"));
    ASSERT_TRUE(metadata.generation);
    EXPECT_EQ(metadata.generation->prompt, "grüß dich");
}

}  // namespace
