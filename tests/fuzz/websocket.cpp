// A server of websockets: the first line is its answer to the handshake (with \r between the
// headers), the rest are its frames.
#include "fuzz.hpp"
#include "support/websocket_frames.hpp"
#include "support/websocket_handshake.hpp"

using fuzz::check;
using host::WebSocketFrames;
using host::WebSocketMessage;

namespace {

constexpr std::size_t kMaxMessage = 1000;

struct Read {
    std::vector<WebSocketMessage> messages;
    WebSocketFrames::State state;
};

Read read(const std::vector<std::string_view>& pieces) {
    WebSocketFrames frames(kMaxMessage);
    Read out{};
    for (const auto piece : pieces) {
        frames.feed(piece);
        check(frames.outgoing().size() <= 200 + piece.size() * 3, "answers are bounded by pings");
        frames.outgoing().clear();
        while (auto message = frames.next()) {
            check(message->bytes.size() <= kMaxMessage, "a message is bounded");
            out.messages.push_back(*std::move(message));
        }
    }
    out.state = frames.state();
    check(frames.sendText("x") == (out.state == WebSocketFrames::State::Open),
          "only an open one takes a text");
    return out;
}

// wslay looks at the reason of a close only where it comes in one piece, so that the same bytes may
// close the one and break the other; both are over.
bool endAlike(WebSocketFrames::State a, WebSocketFrames::State b) {
    using State = WebSocketFrames::State;
    const auto over = [](State state) { return state == State::Closed || state == State::Broken; };
    return a == b || (over(a) && over(b));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest = fuzz::text(data, size);
    const std::string_view head = fuzz::takeLine(rest);
    const auto judged = host::judgeWebsocketAnswer(head, "dGhlIHNhbXBsZSBub25jZQ==", "host:1");
    check(judged.ok() || !judged.message.empty(), "a refusal has its reason");
    check(!judged.ok() || judged.status == 101, "only 101 grants it");

    // A control frame that breaks the rules and does not end is told at once only when its
    // beginning comes in one piece: more bytes than one can have end it.
    const std::string end(125, '0');
    const Read whole = read({rest, end});
    std::vector<std::string_view> pieces = fuzz::pieces(rest);
    pieces.emplace_back(end);
    const Read cut = read(pieces);
    check(endAlike(whole.state, cut.state), "it ends the same in pieces as whole");
    check(whole.messages.size() == cut.messages.size(), "the same messages come in pieces");
    for (std::size_t i = 0; i < whole.messages.size(); ++i)
        check(whole.messages[i].bytes == cut.messages[i].bytes &&
                  whole.messages[i].kind == cut.messages[i].kind,
              "each message is the same in pieces as whole");
    return 0;
}
