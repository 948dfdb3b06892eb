// Making a picture of the gallery again: what its file says becomes a request.
#include "services/generator/from_image.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include "common/temp_dir.hpp"
#include "imaging/stamp.hpp"
#include "store/disk_picture_store.hpp"
#include "store/sqlite_store.hpp"

namespace {

using host::ErrorCode;
using host::Json;
using host::Result;
using host::imaging::Generation;
using host::pipeline::Target;
using host::services::GenerateRequest;
using host::services::GenerateRules;
using host::services::repeatedFields;
using host::store::ImageRow;

const GenerateRules kRules{{1, 200}, {5, 150}, {"Studio A", "Studio B", "Sketch"}};
using Fields = std::set<std::string>;

std::string sample(const std::string& name) {
    return test::readFile(IPL_TEST_DATA "/" + name);
}

class FromImage : public ::testing::Test {
  protected:
    void SetUp() override {
        auto jobs = host::store::openSqliteStore(folder_ / "jobs.db");
        ASSERT_TRUE(jobs.ok()) << jobs.error().message;
        jobs_ = std::move(*jobs);
        auto pictures = host::store::openDiskPictureStore(output(), folder_ / "inputs");
        ASSERT_TRUE(pictures.ok()) << pictures.error().message;
        pictures_ = std::move(*pictures);
        gallery_ = std::make_unique<host::services::GalleryRequests>(output(), *jobs_, *pictures_);
    }
    void TearDown() override { jobs_->close(); }

    std::filesystem::path output() const { return folder_ / "output"; }
    void drop(const std::string& name, std::string_view bytes) const {
        test::writeFile(output() / name, bytes);
    }
    // A picture with our own JSON in it.
    void stamp(const std::string& name, const Json& request) const {
        Generation generation;
        generation.prompt = "what it shows";
        generation.request = request;
        const std::string bytes = sample("pictures/plain.jpg");
        host::imaging::MemorySource source(bytes);
        const int to = ::open((output() / name).c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
        const auto written = host::imaging::writeStamped(
            source, to, host::imaging::makeStamp(generation, {{"job_id", "otherjob"}}));
        ::close(to);
        ASSERT_TRUE(written.ok());
        ASSERT_EQ(*written, host::imaging::Stamped::Yes);
    }
    void list(const std::string& name, const std::string& jobId, bool trashed = false) const {
        ImageRow row;
        row.filename = name;
        row.jobId = jobId;
        row.mtime = 1000;
        host::store::ChangeSet change;
        change.images.push_back(row);
        ASSERT_TRUE(jobs_->commitAndWait(std::move(change)).ok());
        if (!trashed) return;
        host::store::ChangeSet away;
        away.imageChanges.push_back({.filename = name,
                                     .kind = host::store::ImageChange::Kind::Trash,
                                     .trashedAt = 2000,
                                     .trashFile = "1-" + name});
        ASSERT_TRUE(jobs_->commitAndWait(std::move(away)).ok());
    }
    // A job that was given a picture.
    void addJob(const std::string& id, const std::string& inputBytes) const {
        auto input = pictures_->saveInput(id, inputBytes, ".png");
        ASSERT_TRUE(input.ok());
        host::store::ChangeSet change;
        change.newJob.emplace();
        change.newJob->id = id;
        change.newJob->createdAt = 1000;
        change.newJob->inputFile = *input;
        ASSERT_TRUE(jobs_->commitAndWait(std::move(change)).ok());
    }

    Result<GenerateRequest> read(const Json& body) const {
        return send(body.dump(), "application/json");
    }
    Result<GenerateRequest> send(const std::string& body, const std::string& type) const {
        host::http::Request request;
        request.method = "POST";
        request.body = body;
        request.headers.add("Content-Type", type);
        auto result = readGenerateRequest(request, kRules, gallery_.get());
        // What only a repeat by its key would be spared.
        if (result.ok() && result->refusal) return *result->refusal;
        return result;
    }
    static Fields faultyFields(const Result<GenerateRequest>& result) {
        Fields fields;
        EXPECT_FALSE(result.ok());
        if (result.ok()) return fields;
        EXPECT_EQ(result.error().code, ErrorCode::Validation) << result.error().message;
        for (const Json& fault : result.error().details["errors"])
            EXPECT_TRUE(fields.insert(fault["field"].get<std::string>()).second) << fault;
        return fields;
    }
    static void expectNone(const Result<GenerateRequest>& result) {
        ASSERT_FALSE(result.ok());
        EXPECT_EQ(result.error().code, ErrorCode::NotFound) << result.error().message;
    }

    test::TempDir folder_;
    std::unique_ptr<host::store::JobStore> jobs_;
    std::unique_ptr<host::store::PictureStore> pictures_;
    std::unique_ptr<host::services::GalleryRequests> gallery_;
};

const Json kOurs = {{"prompt", "a red fox"}, {"negative_prompt", "blur"},
                    {"size", "2mp"},         {"orientation", "portrait"},
                    {"steps", 30},           {"seed", 9007199254740991},
                    {"guidance_scale", 3.5}, {"endpoints", {"Studio B"}}};

TEST_F(FromImage, OurOwnPictureIsAskedForAgainAsItWas) {
    stamp("fox.jpg", kOurs);
    const auto result = read({{"from_image", "fox.jpg"}});
    ASSERT_TRUE(result.ok()) << result.error().message;
    const auto& spec = result->spec;
    EXPECT_EQ(spec.prompt, "a red fox");
    EXPECT_EQ(spec.negativePrompt, "blur");
    EXPECT_EQ(spec.size, "2mp");
    EXPECT_EQ(spec.orientation, "portrait");
    EXPECT_EQ(spec.steps, 30);
    EXPECT_EQ(spec.seed, 9007199254740991);
    EXPECT_EQ(spec.guidanceScale, 3.5);
    EXPECT_EQ(spec.target, Target::List);
    EXPECT_EQ(spec.endpoints, std::vector<std::string>{"Studio B"});
    EXPECT_EQ(spec.count, 1);
    EXPECT_FALSE(spec.random);
    EXPECT_TRUE(result->picture.empty());
}

TEST_F(FromImage, FieldsBesideItOverrideAndNullTakesTheDefault) {
    stamp("fox.jpg", kOurs);
    const auto result = read({{"from_image", "fox.jpg"},
                              {"random", true},
                              {"seed", -1},
                              {"steps", 6},
                              {"count", 3},
                              {"guidance_scale", nullptr},
                              {"negative_prompt", ""},
                              {"endpoints", "any"}});
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_TRUE(result->spec.random);
    EXPECT_EQ(result->spec.prompt, "a red fox") << "the concept";
    EXPECT_FALSE(result->spec.seed);
    EXPECT_EQ(result->spec.steps, 6);
    EXPECT_EQ(result->spec.count, 3);
    EXPECT_FALSE(result->spec.guidanceScale);
    EXPECT_EQ(result->spec.negativePrompt, "");
    EXPECT_EQ(result->spec.target, Target::Any);
    EXPECT_EQ(result->spec.size, "2mp") << "what is not given stays";
}

TEST_F(FromImage, AFormLeavesToThePictureWhatItLeavesEmpty) {
    stamp("fox.jpg", kOurs);
    const std::string part = "--b\r\nContent-Disposition: form-data; name=\"";
    const auto result =
        send(part + "from_image\"\r\n\r\nfox.jpg\r\n" + part + "prompt\"\r\n\r\n\r\n" + part +
                 "seed\"\r\n\r\n\r\n" + part + "steps\"\r\n\r\n7\r\n--b--\r\n",
             "multipart/form-data; boundary=b");
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->spec.prompt, "a red fox");
    EXPECT_EQ(result->spec.seed, 9007199254740991);
    EXPECT_EQ(result->spec.steps, 7);
    EXPECT_EQ(result->spec.guidanceScale, 3.5);
    EXPECT_EQ(result->spec.endpoints, std::vector<std::string>{"Studio B"});
    EXPECT_EQ(faultyFields(send("from_image=&steps=7", "application/x-www-form-urlencoded")),
              Fields{"prompt"})
        << "an empty one is none";
}

TEST_F(FromImage, EndpointsThatAreGoneGiveWayToAll) {
    stamp("gone.jpg", {{"prompt", "x"}, {"endpoints", {"Old studio"}}});
    EXPECT_EQ(read({{"from_image", "gone.jpg"}})->spec.target, Target::All);
    EXPECT_EQ(read({{"from_image", "gone.jpg"}})->spec.endpoints, kRules.endpoints);
    stamp("half.jpg", {{"prompt", "x"}, {"endpoints", {"Old studio", "Sketch", 7}}});
    EXPECT_EQ(read({{"from_image", "half.jpg"}})->spec.endpoints,
              std::vector<std::string>{"Sketch"});
    EXPECT_EQ(faultyFields(read({{"from_image", "gone.jpg"}, {"endpoints", {"Old studio"}}})),
              Fields{"endpoints"})
        << "asked for by name";
}

TEST_F(FromImage, WhatAnA1111OrComfyUiPictureTellsIsAskedForHere) {
    drop("a1111.png", sample("metadata/a1111.png"));
    const auto a1111 = read({{"from_image", "a1111.png"}});
    ASSERT_TRUE(a1111.ok()) << a1111.error().message;
    EXPECT_TRUE(a1111->spec.prompt.starts_with("masterpiece, a red fox in the snow"));
    EXPECT_TRUE(a1111->spec.negativePrompt.starts_with("blurry, lowres"));
    EXPECT_EQ(a1111->spec.seed, 3141592653);
    EXPECT_EQ(a1111->spec.steps, 28);
    EXPECT_EQ(a1111->spec.guidanceScale, 6.5);
    EXPECT_EQ(a1111->spec.size, "1mp");
    EXPECT_EQ(a1111->spec.orientation, "portrait");
    EXPECT_EQ(a1111->spec.target, Target::All);
    drop("comfyui.png", sample("metadata/comfyui.png"));
    const auto comfy = read({{"from_image", "comfyui.png"}, {"orientation", "square"}});
    ASSERT_TRUE(comfy.ok()) << comfy.error().message;
    EXPECT_EQ(comfy->spec.seed, 156680208700286);
    EXPECT_EQ(comfy->spec.steps, 20);
    EXPECT_EQ(comfy->spec.guidanceScale, 8.0);
    EXPECT_EQ(comfy->spec.orientation, "square");
}

TEST_F(FromImage, ForeignValuesAreMovedIntoOurLimits) {
    Generation foreign;
    foreign.source = "a1111";
    foreign.prompt = "x";
    foreign.seed = 9007199254740992;
    foreign.steps = 151;
    foreign.guidanceScale = 1001;
    EXPECT_EQ(repeatedFields(foreign, kRules), (Json{{"prompt", "x"}, {"steps", 150}}));
    foreign.seed = -1;
    foreign.steps = 1;
    foreign.guidanceScale = 0;
    EXPECT_EQ(repeatedFields(foreign, kRules),
              (Json{{"prompt", "x"}, {"steps", 5}, {"guidance_scale", 0.0}}));
}

TEST_F(FromImage, AForeignSizeIsRepeatedAsFarAsItCanBeDrawn) {
    const struct {
        std::uint32_t width, height;
        const char* size;
        const char* orientation;
    } cases[] = {{512, 512, "512x512", "square"},
                 {1024, 1024, "1mp", "square"},
                 {512, 768, "512x768", "portrait"},
                 {1152, 896, "1152x896", "landscape"},
                 {1920, 1080, "1920x1080", "landscape"},
                 {3840, 1000, "3840x1000", "landscape"},
                 {1, 4'294'967'295U, "64x4096", "portrait"},
                 {4'294'967'295U, 4'294'967'295U, "4mp", "square"},
                 {1, 1, "64x64", "square"}};
    for (const auto& one : cases) {
        Generation foreign;
        foreign.prompt = "x";
        foreign.width = one.width;
        foreign.height = one.height;
        const Json fields = repeatedFields(foreign, kRules);
        EXPECT_EQ(fields["size"], one.size) << one.width << " x " << one.height;
        EXPECT_EQ(fields["orientation"], one.orientation) << one.width << " x " << one.height;
    }
    Generation flat;
    flat.width = 0;
    flat.height = 10;
    EXPECT_EQ(repeatedFields(flat, kRules), Json::object());
}

TEST_F(FromImage, HostileValuesInAPictureAreFaultsOfARequest) {
    stamp("bad.jpg", {{"prompt", std::string(10'001, 'x')},
                      {"random", "yes"},
                      {"count", 1e300},
                      {"steps", 100'000},
                      {"seed", -7},
                      {"strength", 2},
                      {"guidance_scale", {1, 2}},
                      {"size", "9mp"},
                      {"orientation", 7},
                      {"prompt_mode", true},
                      {"priority", 11},
                      {"endpoints", "Nowhere"},
                      {"image", "/etc/passwd"},
                      {"from_image", "bad.jpg"}});
    const Fields all{"from_image",  "prompt",   "random",         "count", "steps",
                     "seed",        "strength", "guidance_scale", "size",  "orientation",
                     "prompt_mode", "priority", "endpoints"};
    EXPECT_EQ(faultyFields(read({{"from_image", "bad.jpg"}})), all)
        << "from_image: it says to be made from a picture that nobody has";
    Fields rest = all;
    rest.erase("prompt");
    rest.erase("steps");
    EXPECT_EQ(faultyFields(read({{"from_image", "bad.jpg"}, {"prompt", "x"}, {"steps", 9}})), rest);
}

TEST_F(FromImage, ALongForeignPromptIsAFaultUnlessOneIsGiven) {
    const std::string text = std::string(10'001, 'x') + "\nSteps: 20, Seed: 5, Size: 512x512";
    std::string chunk = "tEXtparameters" + std::string(1, '\0') + text;
    std::string length(4, '\0');
    for (int i = 0; i < 4; ++i)
        length[3 - i] = static_cast<char>((chunk.size() - 4) >> (8 * i));
    const std::string whole = sample("pictures/alpha.png");
    drop("long.png", whole.substr(0, 33) + length + chunk + "crc." + whole.substr(33));
    EXPECT_EQ(faultyFields(read({{"from_image", "long.png"}})), Fields{"prompt"});
    const auto result = read({{"from_image", "long.png"}, {"prompt", "a fox"}});
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->spec.prompt, "a fox");
    EXPECT_EQ(result->spec.seed, 5);
}

TEST_F(FromImage, APictureThatSaysNothingIsAFaultBesideAllOthers) {
    drop("phone.jpg", sample("metadata/phone.jpg"));
    drop("animated.gif", sample("pictures/animated.gif"));
    drop("text.png", "this is no picture at all");
    drop("empty.webp", "");
    for (const char* name : {"phone.jpg", "animated.gif", "text.png", "empty.webp"}) {
        EXPECT_EQ(faultyFields(read({{"from_image", name}})), Fields{"from_image"}) << name;
        EXPECT_EQ(faultyFields(read({{"from_image", name}, {"steps", 1}, {"prompt", " "}})),
                  (Fields{"from_image", "steps", "prompt"}))
            << name;
    }
    for (const Json& wrong :
         {Json(7), Json(true), Json(""), Json::array({"a.png"}), Json{{"a", 1}}})
        EXPECT_EQ(faultyFields(read({{"from_image", wrong}, {"count", 0}})),
                  (Fields{"from_image", "count"}))
            << wrong;
    const auto absent = read({{"from_image", nullptr}, {"prompt", "x"}});
    EXPECT_TRUE(absent.ok());
}

TEST_F(FromImage, OnlyPicturesOfTheGalleryAreThere) {
    stamp("fox.jpg", kOurs);
    std::filesystem::create_directory(output() / "sub");
    std::filesystem::create_directory(output() / "folder.png");
    std::filesystem::copy_file(output() / "fox.jpg", output() / "sub" / "fox.jpg");
    std::filesystem::copy_file(output() / "fox.jpg", output() / ".fox.jpg");
    std::filesystem::copy_file(output() / "fox.jpg", output() / "fox.txt");
    std::filesystem::copy_file(output() / "fox.jpg", folder_ / "outside.jpg");
    std::filesystem::create_symlink(folder_ / "outside.jpg", output() / "link.jpg");
    ASSERT_EQ(::mkfifo((output() / "pipe.png").c_str(), 0600), 0);
    for (const std::string& name :
         {std::string("none.png"), std::string("sub/fox.jpg"), std::string("../outside.jpg"),
          (folder_ / "outside.jpg").string(), std::string(".fox.jpg"), std::string("fox.txt"),
          std::string("link.jpg"), std::string("folder.png"), std::string("pipe.png"),
          std::string("fox.jpg\0.png", 12), std::string("fox"), std::string("..\\fox.jpg"),
          std::string(100'000, 'a') + ".png"})
        expectNone(read({{"from_image", name}, {"steps", -1}}));
    list("fox.jpg", "", true);
    expectNone(read({{"from_image", "fox.jpg"}}));
}

TEST_F(FromImage, APictureMadeFromAnotherTakesThatAgain) {
    const std::string input = sample("pictures/alpha.png");
    addJob("thejob", input);
    Json request = kOurs;
    request["strength"] = 0.4;
    stamp("made.jpg", request);
    list("made.jpg", "thejob");
    const auto again = read({{"from_image", "made.jpg"}});
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(again->picture, input);
    EXPECT_EQ(again->extension, ".png");
    EXPECT_EQ(again->spec.imageMime, "image/png");
    EXPECT_EQ(again->spec.strength, 0.4);

    const std::string other = sample("pictures/plain.jpg");
    const std::string part = "--b\r\nContent-Disposition: form-data; name=\"";
    const auto beside = send(part + "from_image\"\r\n\r\nmade.jpg\r\n" + part +
                                 "image\"; filename=\"a\"\r\n\r\n" + other + "\r\n--b--\r\n",
                             "multipart/form-data; boundary=b");
    ASSERT_TRUE(beside.ok()) << beside.error().message;
    EXPECT_EQ(beside->picture, other);
    EXPECT_EQ(beside->spec.strength, 0.4);

    const auto without = read({{"from_image", "made.jpg"}, {"image", nullptr}});
    ASSERT_TRUE(without.ok()) << without.error().message;
    EXPECT_FALSE(without->spec.hasImage());
}

TEST_F(FromImage, AnInputPictureThatIsGoneHasToBeSent) {
    addJob("thejob", sample("pictures/alpha.png"));
    Json request = kOurs;
    request["strength"] = 0.4;
    stamp("made.jpg", request);
    list("made.jpg", "thejob");
    pictures_->removeInput(jobs_->job("thejob").value()->job.inputFile);
    EXPECT_EQ(faultyFields(read({{"from_image", "made.jpg"}, {"steps", 999}})),
              (Fields{"from_image", "steps"}));
    EXPECT_NE(read({{"from_image", "made.jpg"}}).error().message.find("\"image\""),
              std::string::npos);
}

TEST_F(FromImage, ADroppedFileGetsNoOtherJobsPicture) {
    addJob("otherjob", sample("pictures/alpha.png"));
    Json request = kOurs;
    request["strength"] = 0.4;
    stamp("forged.jpg", request);  // says that it is of "otherjob"
    EXPECT_EQ(faultyFields(read({{"from_image", "forged.jpg"}})), Fields{"from_image"});
    list("forged.jpg", "");
    EXPECT_EQ(faultyFields(read({{"from_image", "forged.jpg"}})), Fields{"from_image"});
}

TEST_F(FromImage, TheFingerprintIsOfWhatCameInNotOfWhatThePictureSays) {
    stamp("fox.jpg", kOurs);
    stamp("copy.jpg", kOurs);
    const auto print = [&](const Json& body) { return read(body)->fingerprint(); };
    const std::string fox = print({{"from_image", "fox.jpg"}});
    EXPECT_NE(print({{"from_image", "copy.jpg"}}), fox);
    EXPECT_NE(print({{"from_image", "fox.jpg"}, {"steps", 30}}), fox);
    EXPECT_NE(print({{"from_image", "fox.jpg"}, {"steps", 31}}),
              print({{"from_image", "fox.jpg"}, {"steps", 30}}));
    EXPECT_NE(print({{"from_image", "fox.jpg"}, {"endpoints", "any"}}),
              print({{"from_image", "fox.jpg"}, {"endpoints", "all"}}));
    EXPECT_EQ(send("from_image=fox.jpg&steps=30&prompt=", "application/x-www-form-urlencoded")
                  ->fingerprint(),
              print({{"steps", 30}, {"from_image", "fox.jpg"}}));
    const std::string withPicture =
        print({{"from_image", "fox.jpg"}, {"image", "R0lGODlhAQABAAAAACwAAAAAAQABAAA7"}});
    EXPECT_NE(withPicture, fox);
    EXPECT_NE(print({{"from_image", "fox.jpg"}, {"image", "R0lGODlhAQABAIAAACwAAAAAAQABAAA7"}}),
              withPicture);
    stamp("fox.jpg", {{"prompt", "something else"}});
    EXPECT_EQ(print({{"from_image", "fox.jpg"}}), fox);
}

}  // namespace
