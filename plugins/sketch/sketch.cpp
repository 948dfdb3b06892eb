#include "sketch.hpp"

#include <algorithm>

#include "figures.hpp"
#include "finish.hpp"
#include "painter.hpp"
#include "places.hpp"

namespace sketch {
namespace {

/// The part of the picture that the camera's aspect asks for. The bars never take more than a
/// quarter of a side together, so that an extreme aspect still leaves a picture.
struct Frame {
    int x, y, width, height;
};

Frame frameFor(const Order& order, float aspect) {
    Frame frame{0, 0, order.width, order.height};
    if (aspect <= 0 || order.input != nullptr) return frame;
    const float own = static_cast<float>(order.width) / static_cast<float>(order.height);
    if (aspect > own * 1.12F) {
        frame.height = std::max(static_cast<int>(static_cast<float>(order.width) / aspect),
                                order.height * 3 / 4);
    } else if (aspect < own / 1.12F) {
        frame.width = std::max(static_cast<int>(static_cast<float>(order.height) * aspect),
                               order.width * 3 / 4);
    }
    frame.x = (order.width - frame.width) / 2;
    frame.y = (order.height - frame.height) / 2;
    return frame;
}

Bitmap mounted(Bitmap picture, const Frame& frame, const Order& order, Style style) {
    if (frame.width == order.width && frame.height == order.height) return picture;
    Bitmap sheet(order.width, order.height);
    // Film has black bars, a painting a mount of paper.
    const bool film = style == Style::photo || frame.height < order.height;
    std::fill(sheet.rgb.begin(), sheet.rgb.end(), film ? uint8_t{10} : uint8_t{238});
    for (int y = 0; y < frame.height; ++y) {
        const uint8_t* row = picture.at(0, y);
        std::copy(row, row + static_cast<size_t>(frame.width) * 3, sheet.at(frame.x, frame.y + y));
    }
    return sheet;
}

Bitmap composed(const Order& order, const Frame& frame, Scene& scene, const Rng& root,
                const Hooks& hooks) {
    Canvas canvas(frame.width, frame.height);
    Stage stage{canvas, scene, makeLight(scene, root.fork(1)), root.fork(2), hooks.go};
    compose(stage);
    if (scene.layout == Layout::symmetrical) {
        for (int y = 0; y < canvas.height(); ++y) {
            for (int x = 0; x < canvas.width() / 2; ++x)
                canvas.at(canvas.width() - 1 - x, y) = canvas.at(x, y);
        }
    }
    return grade(canvas, scene, static_cast<float>(order.guidance), root.fork(3));
}

}  // namespace

std::optional<Bitmap> draw(const Order& order, const Hooks& hooks) {
    Scene scene = readScene(order.prompt, order.negative);
    const Frame frame = frameFor(order, scene.aspect);
    const Rng root(scramble(order.seed) ^ scene.hash);
    arrange(scene, root.fork(4));

    const bool repaint = order.input != nullptr && order.strength < 1;
    Bitmap target;
    if (repaint && order.strength <= 0) {
        target = *order.input;
    } else {
        target = composed(order, frame, scene, root, hooks);
        if (!hooks.go()) return std::nullopt;
        if (repaint)
            target = merge(*order.input, target, static_cast<float>(order.strength), root.fork(5));
        if (!hooks.go()) return std::nullopt;
        stylise(target, scene);
    }
    if (!hooks.go()) return std::nullopt;

    const int steps = std::max(order.steps, 1);
    Painter painter(target, steps, root.fork(6));
    for (int i = 0; i < steps; ++i) {
        if (!painter.step(i, hooks.go) || !hooks.painted(i + 1, painter.painting()))
            return std::nullopt;
    }
    Bitmap picture = painter.take();
    const float amount = repaint ? static_cast<float>(std::min(order.strength * 3, 1.0)) : 1.0F;
    finish(picture, target, scene, amount, root.fork(7));
    if (!hooks.go()) return std::nullopt;
    return mounted(std::move(picture), frame, order, scene.style);
}

}  // namespace sketch
