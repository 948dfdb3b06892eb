// What picture files tell about themselves.
#include "imaging/metadata.hpp"
#include "request_checks.hpp"
#include "support/text.hpp"

using namespace host::imaging;
using fuzz::check;

namespace {

// Counts what is read: chunks that are of no use are to be skipped, not read.
class CountingSource : public MemorySource {
  public:
    using MemorySource::MemorySource;
    std::size_t read(std::uint64_t offset, char* to, std::size_t count) override {
        const std::size_t got = MemorySource::read(offset, to, count);
        bytesRead += got;
        return got;
    }
    std::uint64_t bytesRead = 0;
};

void checkText(const std::string& text) {
    check(text.size() <= 4 * kMaxMetadataText, "a text of metadata is bounded");
    check(host::isValidUtf8(text), "a text of metadata is valid UTF-8");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    CountingSource source(fuzz::text(data, size));
    const Metadata metadata = readMetadata(source);
    check(source.bytesRead <= (std::uint64_t{16} << 20) + 64 * size,
          "reading costs a bounded amount of input");
    const std::string json = toJson(metadata).dump();  // throws when a text is no UTF-8
    check(toJson(readMetadata(source)).dump() == json, "reading twice gives the same");
    if (metadata.generation) {
        const Generation& its = *metadata.generation;
        for (const auto* text : {&its.prompt, &its.negativePrompt, &its.sampler, &its.model})
            checkText(*text);
        check(!its.width || *its.width > 0, "a width that is told is one");
        fuzz::checkRepeated(its);
    }
    if (metadata.camera) {
        const Camera& its = *metadata.camera;
        for (const auto* text : {&its.make, &its.model, &its.lens, &its.takenAt})
            checkText(*text);
    }
    return 0;
}
