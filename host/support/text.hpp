// Small text helpers: UTF-8, safe names, comparison, times and CSV. Pure functions, thread-safe,
// for any bytes; what comes out is never longer than its stated bound.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace host {

// Strict UTF-8: no overlong forms, surrogates or code points above U+10FFFF.
bool isValidUtf8(std::string_view text);
// Each maximal invalid piece becomes one U+FFFD; valid text comes back unchanged.
std::string replaceInvalidUtf8(std::string_view text);
// Code points; an invalid piece counts as one.
std::size_t utf8Length(std::string_view text);
// The longest start of at most maxBytes that does not cut a code point.
std::string_view utf8Prefix(std::string_view text, std::size_t maxBytes);
// The first so many code points of valid UTF-8.
std::string_view utf8Head(std::string_view text, std::size_t codePoints);

// For file names and URLs: lower-case [a-z0-9_] and single '-' for all else, at most 40 bytes,
// "unnamed" when nothing is left. Different names can have the same slug.
std::string slug(std::string_view name);
// A file name that is safe in any folder, from a name that nobody vouches for: the last component
// by '/' or '\', everything but [A-Za-z0-9._-] as '_', no leading dots, 1 to maxBytes bytes (the
// ending is kept when the name is cut), "unnamed" when nothing is left. maxBytes counts as at
// least 1.
std::string safeFileName(std::string_view untrusted, std::size_t maxBytes);

// Insertions, deletions, replacements and swaps of neighbours that turn a into b, by bytes. Gives
// limit + 1 as soon as it must be more than limit.
std::size_t editDistance(std::string_view a, std::string_view b, std::size_t limit);
// Equal without regard to the case of ASCII letters.
bool iequals(std::string_view a, std::string_view b);
std::string toLower(std::string_view text);  // ASCII letters only
// Without the ASCII white space at both ends.
std::string_view trim(std::string_view text);

// An IPv4 or IPv6 address, without brackets or a port.
bool isIpAddress(const std::string& text);

// For one path segment of a URL: everything but [A-Za-z0-9._~-] as %XX.
std::string percentEncode(std::string_view text);

// UTC with milliseconds: "2026-01-02T03:04:05.678Z". Times beyond the years 0000 to 9999 are
// clamped; NaN is the epoch.
std::string isoTime(double epochSeconds);
// One field by RFC 4180: quoted when it holds a comma, a quote or a line break, or has white space
// at an end.
std::string csvField(std::string_view field);

}  // namespace host
