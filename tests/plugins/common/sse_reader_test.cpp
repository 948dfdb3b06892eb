#include "common/sse_reader.hpp"

#include "ipl/error.hpp"

namespace {

using testing::ElementsAre;
using upstream::SseReader;

struct Reading {
    std::vector<std::string> events;
    int comments = 0;
    SseReader reader{[this](std::string_view name, std::string_view data) {
                         events.push_back(std::string(name) + "|" + std::string(data));
                     },
                     [this] { ++comments; }};
};

TEST(SseReader, GivesTheSameEventsWhereverAPieceEnds) {
    const std::string bytes =
        "\xEF\xBB\xBF: ping\r\n\r\ndata: {\"a\":\"\xC3\xA9\xE7\x8C\xAB\"}\r\n\r\n"
        "data:no blank\n\nevent: error\ndata: one\ndata: two\n\nid: 7\nretry: 1\ndata: [DONE]\r\r";
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
        Reading reading;
        for (std::size_t at = 0; at < bytes.size(); at += size)
            reading.reader.feed(std::string_view(bytes).substr(at, size));
        EXPECT_THAT(reading.events, ElementsAre("|{\"a\":\"\xC3\xA9\xE7\x8C\xAB\"}", "|no blank",
                                                "error|one\ntwo", "|[DONE]"))
            << "pieces of " << size;
        EXPECT_EQ(reading.comments, 1);
    }
}

TEST(SseReader, GivesALastEventWithoutItsBlankLine) {
    Reading reading;
    reading.reader.feed("data: last");
    EXPECT_TRUE(reading.events.empty());
    reading.reader.finish();
    EXPECT_THAT(reading.events, ElementsAre("|last"));
}

TEST(SseReader, RefusesALineWithoutAnEnd) {
    Reading reading;
    std::string piece(64 * 1024, 'x');
    reading.reader.feed("data: ");
    EXPECT_THROW(for (int i = 0; i < 20; ++i) reading.reader.feed(piece), ipl::Error);
}

TEST(SseReader, RefusesAnEventWithoutAnEnd) {
    Reading reading;
    std::string line = "data: " + std::string(64 * 1024, 'x') + "\n";
    EXPECT_THROW(for (int i = 0; i < 20; ++i) reading.reader.feed(line), ipl::Error);
}

}  // namespace
