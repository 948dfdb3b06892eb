// Stamping any picture file: the picture stays the same, and the stamp can be read.
#include "fuzz.hpp"
#include "imaging/metadata_source.hpp"
#include "imaging/pixels.hpp"
#include "imaging/stamp.hpp"
#include "memory_file.hpp"
#include "support/image_info.hpp"

using namespace host::imaging;
using fuzz::check;

namespace {

Generation fox() {
    Generation generation;
    generation.prompt = "a fox, \"red\" & <wild>\nSteps: into the snow, H\xc3\xbcgel";
    generation.seed = 42;
    generation.steps = 25;
    generation.width = 48;
    generation.height = 32;
    generation.request = {{"count", 1}, {"prompt", generation.prompt}};
    return generation;
}

// A WebP file without what follows behind its end.
std::string_view withoutRest(std::string_view bytes) {
    if (!bytes.starts_with("RIFF")) return bytes;
    return bytes.substr(0, std::size_t{little32(bytes, 4)} + 8);
}

void checkSamePicture(std::string_view before, std::string_view after) {
    constexpr std::uint64_t kQuick = 250'000;  // pixels
    const auto was = host::readImageInfo(before);
    const auto is = host::readImageInfo(after);
    check(was && is && was->format == is->format, "a stamped picture keeps its format");
    if (std::uint64_t{was->width} * was->height > kQuick) return;
    const std::string alone(withoutRest(before));
    const auto pixels = decode(alone, 0);
    const auto followed = decode(alone + std::string(4096, 'x'), 0);
    // Of pictures that lack their end, decoders make something out of whatever follows.
    if (!pixels.ok() || !followed.ok() || pixels->rgb != followed->rgb) return;
    const auto stamped = decode(after, 0);
    check(stamped.ok(), "a picture can still be read with a stamp");
    check(stamped->width == pixels->width && stamped->rgb == pixels->rgb,
          "a stamped picture keeps its pixels");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Generation kFox = fox();
    static const Stamp kStamp = makeStamp(kFox, {{"job_id", "abcd1234"}});
    const std::string_view bytes = fuzz::text(data, size);
    MemorySource source(bytes);
    const fuzz::MemoryFile to;
    const auto result = writeStamped(source, to.fd(), kStamp);
    check(result.ok(), "stamping fails for no picture");
    const std::string stamped = to.bytes();
    if (*result == Stamped::No) {
        check(stamped.empty(), "without a stamp nothing is written");
        return 0;
    }
    checkSamePicture(bytes, stamped);
    MemorySource written(stamped);
    const Metadata metadata = readMetadata(written);
    check(metadata.generation && metadata.generation->source == "image_pipeline",
          "the stamp is found");
    check(metadata.generation->prompt == kFox.prompt && metadata.generation->jobId == "abcd1234" &&
              metadata.generation->request == kFox.request,
          "the stamp tells what was written");
    return 0;
}
