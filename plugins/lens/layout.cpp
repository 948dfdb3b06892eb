#include "layout.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace lens {
namespace {

constexpr float kClearSlope = 0.12F;
constexpr float kNoDetail = 3.0F;  /// mean step between pixels, of 255
constexpr float kMuch = 0.5F;

/// 0..1 over the cells, their middles.
float position(int at, int cells) {
    return (static_cast<float>(at) + 0.5F) / static_cast<float>(cells);
}

std::string side(float right, float down) {
    // Less than half as much as the other is no direction of its own.
    const bool across = std::abs(right) * 2 > std::abs(down);
    const bool along = std::abs(down) * 2 > std::abs(right);
    std::string out;
    if (along) out = down > 0 ? "lower" : "upper";
    if (across) out += std::string(out.empty() ? "" : " ") + (right > 0 ? "right" : "left");
    if (out == "lower") return "the bottom";
    if (out == "upper") return "the top";
    return "the " + out;
}

void findDetail(const Grid& grid, Layout& out) {
    float most = 0;
    for (const Cell& cell : grid.cells)
        most = std::max(most, cell.detail);
    out.detailed = most > kNoDetail;
    float sum = 0;
    float empty = 0;
    const float blank = std::max(kNoDetail, most * 0.06F);
    for (int y = 0; y < grid.rows; ++y) {
        for (int x = 0; x < grid.columns; ++x) {
            const float detail = grid.at(x, y).detail;
            const float px = position(x, grid.columns);
            const float py = position(y, grid.rows);
            sum += detail;
            const bool midX = px >= 1 / 3.0F && px <= 2 / 3.0F;
            const bool midY = py >= 1 / 3.0F && py <= 2 / 3.0F;
            if (px < 1 / 3.0F) out.left += detail;
            if (px > 2 / 3.0F) out.right += detail;
            if (py < 1 / 3.0F) out.upper += detail;
            if (py > 2 / 3.0F) out.lower += detail;
            if (midX && midY) out.middle += detail;
            if (detail < blank) {
                empty += 1;
                if (py < 0.5F) out.emptyUpper += 1;
                if (px < 0.5F) out.emptyLeft += 1;
            }
        }
    }
    if (sum > 0) {
        for (float* part : {&out.left, &out.right, &out.upper, &out.lower, &out.middle})
            *part /= sum;
    }
    if (empty > 0) {
        out.emptyUpper /= empty;
        out.emptyLeft /= empty;
    }
    out.empty = empty / static_cast<float>(grid.cells.size());
    if (out.empty > 0.97F && most < 2 * kNoDetail) out.detailed = false;
}

/// Whether a cell is like its mirror image but not like its whole line.
template <class At>
bool alike(const At& at, int lines, int length) {
    constexpr float kVaries = 0.04F;
    constexpr float kAlike = 0.3F;
    if (length < 6) return false;
    float apart = 0;
    float varies = 0;
    for (int line = 0; line < lines; ++line) {
        Lab mean;
        for (int i = 0; i < length; ++i)
            mean = mean + at(line, i) * (1 / static_cast<float>(length));
        for (int i = 0; i < length; ++i) {
            apart += difference(at(line, i), at(line, length - 1 - i));
            varies += difference(at(line, i), mean);
        }
    }
    return varies > kVaries * static_cast<float>(lines * length) && apart < kAlike * varies;
}

/// The strongest change between the two rows above a place and the two below that goes the same
/// way in nearly every column.
std::optional<float> edgeAcross(const Grid& grid) {
    constexpr float kStep = 0.06F;
    constexpr float kColumns = 0.9F;
    constexpr int kMinCells = 8;
    if (grid.rows < kMinCells || grid.columns < kMinCells) return std::nullopt;
    const auto change = [&](int x, int y) {
        return grid.at(x, y).color + grid.at(x, y + 1).color - grid.at(x, y - 1).color -
               grid.at(x, y - 2).color;
    };
    float best = 0;
    std::optional<float> place;
    // Near the edge of the frame it is a margin.
    const int margin = std::max(3, grid.rows / 8);
    for (int y = margin; y + margin < grid.rows; ++y) {
        Lab mean;
        for (int x = 0; x < grid.columns; ++x)
            mean = mean + change(x, y) * (1 / static_cast<float>(grid.columns));
        const float strength = difference(mean, {}) / 2;
        if (strength < kStep || strength <= best) continue;
        // A gradient has much the same change above and below; a line has it here alone.
        Lab beside;
        for (int x = 0; x < grid.columns; ++x) {
            beside = beside + (grid.at(x, y - 2).color - grid.at(x, y - 3).color +
                               grid.at(x, y + 2).color - grid.at(x, y + 1).color) *
                                  (1 / static_cast<float>(grid.columns));
        }
        if (difference(beside, {}) > strength * 0.6F) continue;
        int same = 0;
        for (int x = 0; x < grid.columns; ++x) {
            const Lab c = change(x, y);
            const float along = c.l * mean.l + 4 * (c.a * mean.a + c.b * mean.b);
            const float wanted = strength * strength * 4;
            if (along > wanted * 0.25F) ++same;
        }
        if (static_cast<float>(same) >= kColumns * static_cast<float>(grid.columns)) {
            best = strength;
            place = static_cast<float>(y) / static_cast<float>(grid.rows);
        }
    }
    return place;
}

std::string where(const Layout& layout) {
    const float across = std::max(layout.left, layout.right);
    const float down = std::max(layout.upper, layout.lower);
    const char* h = layout.left > layout.right ? "left" : "right";
    const char* v = layout.upper > layout.lower ? "upper" : "lower";
    if (across > kMuch && down > kMuch)
        return std::string("detail concentrated in the ") + v + " " + h;
    if (across > kMuch) return std::string("detail concentrated in the ") + h + " third";
    if (down > kMuch) return std::string("detail concentrated in the ") + v + " third";
    if (layout.middle > 0.3F) return "detail concentrated in the centre";
    if (std::min({layout.left, layout.right, layout.upper, layout.lower}) > 0.25F &&
        across < 0.42F && down < 0.42F)
        return "detail spread evenly over the frame";
    return "";
}

std::string emptiness(const Layout& layout) {
    if (layout.empty < 0.4F) return "";
    const int percent = static_cast<int>(std::lround(std::min(layout.empty, 0.95F) * 20)) * 5;
    std::string out = "about " + std::to_string(percent) + " % of the frame without detail";
    constexpr float kMost = 0.75F;
    if (layout.emptyUpper > kMost) return out + ", mostly the upper part";
    if (layout.emptyUpper < 1 - kMost) return out + ", mostly the lower part";
    if (layout.emptyLeft > kMost) return out + ", mostly the left part";
    if (layout.emptyLeft < 1 - kMost) return out + ", mostly the right part";
    return out;
}

}  // namespace

Slope slopeOf(const Grid& grid) {
    // Least squares; the middles of the cells lie evenly about the centre, so the two part.
    double across = 0;
    double acrossNorm = 0;
    double down = 0;
    double downNorm = 0;
    for (int y = 0; y < grid.rows; ++y) {
        for (int x = 0; x < grid.columns; ++x) {
            const double px = position(x, grid.columns) - 0.5;
            const double py = position(y, grid.rows) - 0.5;
            across += px * grid.at(x, y).color.l;
            acrossNorm += px * px;
            down += py * grid.at(x, y).color.l;
            downNorm += py * py;
        }
    }
    return {acrossNorm > 0 ? static_cast<float>(across / acrossNorm) : 0,
            downNorm > 0 ? static_cast<float>(down / downNorm) : 0};
}

std::string brighterSide(const Slope& slope) {
    if (std::hypot(slope.across, slope.down) < kClearSlope) return "";
    return side(slope.across, slope.down);
}

Layout layoutOf(const Grid& grid) {
    Layout out;
    findDetail(grid, out);
    out.mirrored =
        alike([&](int line, int i) { return grid.at(i, line).color; }, grid.rows, grid.columns);
    out.reflected =
        alike([&](int line, int i) { return grid.at(line, i).color; }, grid.columns, grid.rows);
    out.edge = edgeAcross(grid);
    return out;
}

std::string describeLayout(const Layout& layout) {
    std::string out;
    const auto say = [&out](const std::string& part) {
        if (part.empty()) return;
        if (!out.empty()) out += "; ";
        out += part;
    };
    if (layout.detailed) {
        say(where(layout));
    } else {
        say("no detail, smooth tones throughout");
    }
    if (layout.mirrored) say("symmetric left to right");
    if (layout.reflected) say("symmetric top to bottom");
    if (layout.edge) {
        say("a horizon-like line across the whole width, " +
            std::to_string(std::lround(*layout.edge * 100)) + " % down from the top");
    }
    if (layout.detailed) say(emptiness(layout));
    return out;
}

Cell meanOf(const Grid& grid, Region region) {
    const int deepX = std::max(1, grid.columns / 8);
    const int deepY = std::max(1, grid.rows / 8);
    Cell sum;
    float n = 0;
    for (int y = 0; y < grid.rows; ++y) {
        for (int x = 0; x < grid.columns; ++x) {
            const bool top = y < deepY;
            const bool bottom = y >= grid.rows - deepY;
            const bool left = x < deepX;
            const bool right = x >= grid.columns - deepX;
            bool in = false;
            switch (region) {
                case Region::top:
                    in = top;
                    break;
                case Region::bottom:
                    in = bottom;
                    break;
                case Region::left:
                    in = left;
                    break;
                case Region::right:
                    in = right;
                    break;
                case Region::border:
                    in = top || bottom || left || right;
                    break;
                case Region::centre:
                    in = std::abs(position(x, grid.columns) - 0.5F) < 0.25F &&
                         std::abs(position(y, grid.rows) - 0.5F) < 0.25F;
                    break;
            }
            if (!in) continue;
            sum.color = sum.color + grid.at(x, y).color;
            sum.detail += grid.at(x, y).detail;
            n += 1;
        }
    }
    // A frame of two cells has no middle.
    if (n == 0) return grid.cells.front();
    return {sum.color * (1 / n), sum.detail / n};
}

}  // namespace lens
