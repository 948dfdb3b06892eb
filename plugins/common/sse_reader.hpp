// Server-sent events out of bytes that come in pieces of any size: lines end with LF, CRLF or CR, a
// piece may end anywhere, also inside a character. Belongs to one thread. An event above the bound
// is ipl::Error kBadOutput, as is anything the callbacks throw.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace upstream {

inline constexpr std::size_t kMaxEventText = std::size_t{1} << 20;  // of events without pictures

class SseReader {
  public:
    // name: the `event:` field, mostly empty. data: the `data:` lines, joined by line ends.
    using OnEvent = std::function<void(std::string_view name, std::string_view data)>;
    // A comment: the server's sign of life before it has anything to say.
    using OnComment = std::function<void()>;

    // maxEvent: bytes of one event or line.
    explicit SseReader(OnEvent onEvent, OnComment onComment = {},
                       std::size_t maxEvent = kMaxEventText)
        : onEvent_(std::move(onEvent)), onComment_(std::move(onComment)), maxEvent_(maxEvent) {}

    void feed(std::string_view piece);
    // The body is over: an event without its blank line counts too.
    void finish();

  private:
    void takeLine();
    void dispatch();
    [[noreturn]] void tooLong() const;

    OnEvent onEvent_;
    OnComment onComment_;
    const std::size_t maxEvent_;
    std::string line_;
    std::string name_;
    std::string data_;
    bool hasData_ = false;
    bool afterCr_ = false;
    bool first_ = true;
};

}  // namespace upstream
