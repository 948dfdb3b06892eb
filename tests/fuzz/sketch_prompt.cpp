// Prompts for the embedded painter, scene JSON among them. The first line is what must not be seen.
#include "fuzz.hpp"
#include "sketch/sketch.hpp"

using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view prompt = fuzz::text(data, size);
    sketch::Order order;
    order.negative = fuzz::takeLine(prompt);
    order.prompt = prompt;
    order.width = 32;
    order.height = 24;
    order.steps = 1;
    const auto picture =
        sketch::draw(order, {[] { return true; }, [](int, const sketch::Bitmap&) { return true; }});
    check(picture.has_value(), "there is a picture for every prompt");
    return 0;
}
