// The head of an answer from anybody's server, and addresses. The lines as libcurl hands them over.
#include "fuzz.hpp"
#include "support/http_answer_head.hpp"
#include "support/http_url.hpp"
#include "support/text.hpp"

using namespace host;
using fuzz::check;

namespace {

void checkHead(std::string_view bytes) {
    using State = HttpAnswerHead::State;
    HttpAnswerHead head;
    State before = State::Open;
    while (!bytes.empty()) {
        const std::size_t size = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
        const State now = head.take(bytes.substr(0, size));
        bytes.remove_prefix(size);
        check(now == head.state(), "a state is told as it is kept");
        check(before == State::Open || now != State::Open, "what ended does not go on");
        check((now == State::TooLarge) == (head.bytes() > HttpAnswerHead::kMaxBytes),
              "a head is bounded");
        before = now;
        check(head.status() == 0 || (head.status() >= 100 && head.status() <= 999),
              "a status has three digits");
        check(!head.isWhole() || head.status() >= 200, "an interim answer is none");
    }
    for (const auto& [name, value] : head.headers()) {
        check(isHttpToken(name) && name == toLower(name), "a header's name is a token");
        check(isHttpFieldValue(value) && trim(value) == value, "a header's value is one line");
    }
    check(!head.announcesMoreThan(~std::uint64_t{0}) || head.bytes() > 20, "a length has digits");
    check(head.announcesMoreThan(9) || !head.announcesMoreThan(10), "more than 10 is more than 9");
}

void checkUrl(const std::string& text) {
    const HttpUrl url = parseHttpUrl(text);
    if (url.host.empty()) return;
    check(url.scheme == "http" || url.scheme == "https", "a URL is one of the web");
    check(url.target.starts_with('/'), "a target has a root");
    check(url.host.find_first_of("/@\\ \r\n") == std::string::npos, "a host is one name");
    check(!url.port.empty() && url.port.size() <= 5 &&
              url.port.find_first_not_of("0123456789") == std::string::npos,
          "a port is a number");
    if (url.host.find('%') != std::string::npos) return;  // would be decoded twice
    const HttpUrl again = parseHttpUrl(url.scheme + "://" + url.where() + url.target);
    check(again.host == url.host && again.port == url.port && again.target == url.target,
          "the parts of a URL make the same URL");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view in = fuzz::text(data, size);
    checkHead(in);
    std::string_view rest = in;
    checkUrl(std::string(fuzz::takeLine(rest)));
    return 0;
}
