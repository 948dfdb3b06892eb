// The small helpers that everything foreign passes through.
#include "fuzz.hpp"
#include "http/text.hpp"
#include "support/base64.hpp"
#include "support/text.hpp"

using namespace host;
using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text(data, size);
    const std::string valid = replaceInvalidUtf8(text);
    check(isValidUtf8(valid), "what was replaced is UTF-8");
    check(!isValidUtf8(text) || valid == text, "what is UTF-8 stays as it is");
    check(utf8Length(valid) == utf8Length(text), "a bad piece counts as one character");
    for (const std::size_t most : {std::size_t{0}, std::size_t{1}, size / 2, size}) {
        check(utf8Prefix(valid, most).size() <= most && isValidUtf8(utf8Prefix(valid, most)),
              "a beginning cuts no character");
        check(utf8Length(utf8Head(valid, most)) <= most, "characters are counted");
        const std::string name = safeFileName(text, most);
        check(!name.empty() && name.size() <= std::max<std::size_t>(most, 1) &&
                  name.front() != '.' && name.find_first_of("/\\") == name.npos,
              "a file name is safe");
    }
    check(!slug(text).empty() && slug(text).size() <= 40, "a slug is bounded");
    check(slug(slug(text)) == slug(text), "a slug stays as it is");
    check(http::percentDecoded(percentEncode(text), false) == std::string(text),
          "escapes can be taken back");
    if (const auto bytes = base64Decode(text)) check(bytes->size() <= size, "base64 shrinks");
    check(trim(trim(text)) == trim(text), "what is trimmed stays as it is");
    csvField(text);
    http::headerParameter(text, "boundary");
    http::hasToken(text, "close");
    const std::string_view half = text.substr(0, std::min<std::size_t>(size / 2, 100));
    const std::string_view rest = text.substr(half.size(), 100);
    check(editDistance(half, rest, 8) == editDistance(rest, half, 8),
          "a distance has no direction");
    return 0;
}
