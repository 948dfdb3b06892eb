// The opening handshake of RFC 6455, the client's side: what is asked, and whether the answer
// grants it. Pure functions but for the key; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "support/http_client.hpp"
#include "support/http_url.hpp"

namespace host {

inline constexpr std::size_t kMaxHandshakeAnswer = 16 * 1024;  // bytes of head

// A random value for Sec-WebSocket-Key.
std::string websocketKey();
// What Sec-WebSocket-Accept has to be for that key.
std::string websocketAccept(std::string_view key);

// The whole request. Headers that the handshake itself needs are left out of `headers`; nothing
// when one of the others cannot be sent.
std::optional<std::string> websocketRequest(const HttpUrl& url, const HttpHeaders& headers,
                                            std::string_view key);

// head: the answer up to and with its empty line. Ok; or Unavailable with the reason, and the
// status when it is an answer at all.
HttpResult judgeWebsocketAnswer(std::string_view head, std::string_view key,
                                const std::string& where);

}  // namespace host
