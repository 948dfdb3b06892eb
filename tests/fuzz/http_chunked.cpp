// Chunked bodies: the same whether they come whole or in pieces.
#include <string>

#include "fuzz.hpp"
#include "http/chunked.hpp"

using fuzz::check;
using host::http::ChunkedDecoder;

namespace {

constexpr std::uint64_t kLimit = 4096;

struct Outcome {
    ChunkedDecoder::State state{};
    std::string body;
    std::size_t used = 0;
};

Outcome feed(const std::vector<std::string_view>& parts) {
    ChunkedDecoder decoder;
    Outcome outcome;
    for (const std::string_view part : parts) {
        const std::size_t used = decoder.feed(part, outcome.body, kLimit);
        check(used <= part.size(), "no more is used than came");
        outcome.used += used;
        if (used < part.size()) break;
    }
    outcome.state = decoder.state();
    return outcome;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view in = fuzz::text(data, size);
    const Outcome whole = feed({in});
    const Outcome inPieces = feed(fuzz::pieces(in));
    check(whole.body.size() <= kLimit, "a body keeps to its limit");
    check(whole.state == inPieces.state, "a body ends the same way in pieces");
    check(whole.body == inPieces.body, "a body is the same in pieces");
    check(whole.state != ChunkedDecoder::State::Done || whole.used == inPieces.used,
          "a body ends at the same byte in pieces");
    return 0;
}
