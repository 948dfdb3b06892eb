// The texts inside picture files, without the containers and checksums around them.
#include "imaging/a1111.hpp"
#include "imaging/comfyui.hpp"
#include "imaging/exif.hpp"
#include "imaging/metadata_own.hpp"
#include "imaging/metadata_text.hpp"
#include "imaging/xmp.hpp"
#include "request_checks.hpp"
#include "support/text.hpp"

using namespace host::imaging;
using fuzz::check;

namespace {

void checkGeneration(const std::optional<Generation>& generation) {
    if (!generation) return;
    fuzz::checkRepeated(*generation);
    const Metadata metadata{std::nullopt, *generation};
    toJson(metadata).dump();  // throws when a text is no UTF-8
    const std::string text = formatParameters(*generation, "Test 1.0");
    check(host::isValidUtf8(text), "parameters are written as UTF-8");
    // Below three settings it may be any text.
    if (generation->steps && generation->seed)
        check(parseParameters(text, false).has_value(), "parameters can be read back");
    const auto own = parseOwn(ownJson(*generation, {{"job_id", "1"}}).dump());
    check(own && own->prompt == generation->prompt && own->seed == generation->seed,
          "our JSON keeps what a generation tells");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text(data, size);
    const std::string text = cleanText(bytes);
    check(host::isValidUtf8(text) && text.find('\0') == text.npos, "cleaned text is fit for JSON");
    checkGeneration(parseParameters(text, false));
    checkGeneration(parseParameters(text, true));
    checkGeneration(parseComfyGraph(text));
    checkGeneration(parseOwn(text));

    check(ownFromXmp(xmpWithOwn(text)) == text, "XMP gives back what was put in");
    check(host::isValidUtf8(ownFromXmp(bytes)), "XMP gives UTF-8");
    check(host::isValidUtf8(fromUtf16(bytes, size % 2 == 0)), "UTF-16 gives UTF-8");

    MemorySource tiff(bytes);
    Found found;
    readExif(tiff, found);
    check(host::isValidUtf8(found.parameters) && host::isValidUtf8(found.graph),
          "EXIF gives UTF-8");
    // A byte order mark is no part of the text.
    if (text.empty() || text.find("\xef\xbb\xbf") != text.npos) return 0;
    if (text.size() > kMaxMetadataText / 4) return 0;
    const std::string block = exifWithComment(text);
    MemorySource written(block);
    Found again;
    readExif(written, again);
    check(again.parameters == text, "a comment can be read back");
    return 0;
}
