// The head of a request: where it ends, what it says, and what follows from its fields.
#include "fuzz.hpp"
#include "http/conditions.hpp"
#include "http/head_parser.hpp"
#include "http/origin_policy.hpp"
#include "http/text.hpp"
#include "support/text.hpp"

using namespace host::http;
using fuzz::check;

namespace {

using HeadEnd = std::variant<std::size_t, Refusal>;

bool isOpen(const HeadEnd& end) {
    return end.index() == 0 && std::get<0>(end) == 0;
}

HeadEnd findInPieces(std::string_view in) {
    std::size_t scanned = 0;
    std::size_t seen = 0;
    HeadEnd end = std::size_t{0};
    for (const std::string_view piece : fuzz::pieces(in)) {
        seen += piece.size();
        end = findHeadEnd(in.substr(0, seen), scanned);
        if (!isOpen(end)) break;
    }
    return end;
}

void checkRequest(const Request& request) {
    check(request.path.starts_with('/') && request.rawTarget.starts_with('/'), "paths have a root");
    check(host::isValidUtf8(request.path) && !hasControls(request.path), "a path is clean");
    check(!hasControls(request.rawTarget), "a target holds no line end");
    check(request.headers.size() <= kMaxHeaders, "header fields are bounded");
    for (const auto& [name, value] : request.query)
        check(host::isValidUtf8(name) && host::isValidUtf8(value), "a query is UTF-8");
    for (const auto& [name, value] : request.headers)
        check(value.find_first_of("\r\n") == value.npos, "a header value is one line");
    const ByteRange range = wantedRange(request, {"\"tag\"", 1'000'000}, 1000);
    check(range.kind != ByteRange::Kind::Part ||
              (range.length > 0 && range.offset < 1000 && range.length <= 1000 - range.offset),
          "a range lies inside the file");
    isNotModified(request, {"\"tag\"", 1'000'000});
    OriginPolicy({"http://pictures.example"}).check(request, "GET, POST");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view in = fuzz::text(data, size);
    std::size_t scanned = 0;
    const HeadEnd end = findHeadEnd(in, scanned);
    const HeadEnd inPieces = findInPieces(in);
    check(end.index() == inPieces.index() &&
              (end.index() == 1 || std::get<0>(end) == std::get<0>(inPieces)),
          "a head ends where it does in one piece");
    check(in.find(correlationIdIn(in)) != in.npos, "a correlation id was sent");
    if (end.index() == 1 || isOpen(end)) return 0;
    check(std::get<0>(end) <= in.size(), "a head ends inside what came");
    const auto head = parseHead(in.substr(0, std::get<0>(end)));
    if (head.index() == 0) checkRequest(std::get<0>(head).request);
    return 0;
}
