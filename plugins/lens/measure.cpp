#include "measure.hpp"

#include <algorithm>
#include <cmath>

namespace lens {
namespace {

constexpr int kMaxCells = 48;
constexpr int kPixelsPerLook = 64 * 1024;
constexpr int kBigStep = 24;
constexpr float kStrongestChroma = 0.32F;

/// 15 bits of a colour.
struct Bin {
    uint64_t r = 0;
    uint64_t g = 0;
    uint64_t b = 0;
    uint32_t count = 0;
};

struct Sum {
    float r = 0;
    float g = 0;
    float b = 0;
    float steps = 0;
    uint32_t count = 0;
};

struct Spread {
    double sum = 0;
    double squares = 0;
    void add(double v) {
        sum += v;
        squares += v * v;
    }
    double mean(double n) const { return sum / n; }
    double deviation(double n) const {
        const double m = sum / n;
        return std::sqrt(std::max(0.0, squares / n - m * m));
    }
};

/// CIE L* as a byte for 4096 levels of linear light.
std::vector<uint8_t> lightnessTable() {
    std::vector<uint8_t> table(4096);
    for (size_t i = 0; i < table.size(); ++i) {
        const float y = static_cast<float>(i) / 4095.0F;
        const float l = y > 0.008856F ? 116.0F * std::cbrt(y) - 16.0F : 903.3F * y;
        table[i] = static_cast<uint8_t>(std::lround(std::clamp(l, 0.0F, 100.0F) * 2.55F));
    }
    return table;
}

class Meter {
  public:
    explicit Meter(const View& view)
        : view_(view),
          linear_(linearTable()),
          lightness_(lightnessTable()),
          bins_(32768),
          seen_((1U << 24) / 64),
          columnOf_(static_cast<size_t>(view.width)) {
        measured_.grid.columns = std::min(view.width, kMaxCells);
        measured_.grid.rows = std::min(view.height, kMaxCells);
        sums_.resize(static_cast<size_t>(measured_.grid.columns) *
                     static_cast<size_t>(measured_.grid.rows));
        for (int x = 0; x < view.width; ++x)
            columnOf_[static_cast<size_t>(x)] = cell(x, measured_.grid.columns, view.width);
    }

    bool look(const Go& go) {
        int64_t until = 0;
        for (int y = 0; y < view_.height; ++y) {
            for (int x0 = 0; x0 < view_.width; x0 += kPixelsPerLook) {
                if (until <= 0) {
                    if (!go()) return false;
                    until = kPixelsPerLook;
                }
                const int x1 = std::min(view_.width, x0 + kPixelsPerLook);
                row(y, x0, x1);
                until -= x1 - x0;
            }
        }
        return true;
    }

    Measured finish() {
        makeShades();
        makeGrid();
        makeFigures();
        return std::move(measured_);
    }

  private:
    static uint32_t cell(int at, int cells, int size) {
        return static_cast<uint32_t>(static_cast<int64_t>(at) * cells / size);
    }

    static int step(const uint8_t* p, const uint8_t* q) {
        return std::max({std::abs(p[0] - q[0]), std::abs(p[1] - q[1]), std::abs(p[2] - q[2])});
    }

    void row(int y, int x0, int x1) {
        const size_t stride = static_cast<size_t>(view_.width) * 3;
        const uint8_t* line = view_.rgb.data() + static_cast<size_t>(y) * stride;
        const bool below = y + 1 < view_.height;
        Sum* sums = sums_.data() + static_cast<size_t>(cell(y, measured_.grid.rows, view_.height)) *
                                       static_cast<size_t>(measured_.grid.columns);
        for (int x = x0; x < x1; ++x) {
            const uint8_t* p = line + static_cast<size_t>(x) * 3;
            const float r = linear_[p[0]];
            const float g = linear_[p[1]];
            const float b = linear_[p[2]];
            const float light = 0.2126F * r + 0.7152F * g + 0.0722F * b;
            ++histogram_[lightness_[static_cast<size_t>(light * 4095.0F + 0.5F) & 4095U]];

            int far = 0;
            if (x + 1 < view_.width) far = step(p, p + 3);
            if (below) far = std::max(far, step(p, p + stride));
            ++steps_[static_cast<size_t>(far)];

            Sum& sum = sums[columnOf_[static_cast<size_t>(x)]];
            sum.r += r;
            sum.g += g;
            sum.b += b;
            sum.steps += static_cast<float>(far);
            ++sum.count;

            Bin& bin = bins_[static_cast<size_t>((p[0] >> 3) << 10 | (p[1] >> 3) << 5 | p[2] >> 3)];
            ++bin.count;
            bin.r += p[0];
            bin.g += p[1];
            bin.b += p[2];
            const auto exact = static_cast<uint32_t>(p[0] << 16 | p[1] << 8 | p[2]);
            seen_[exact >> 6] |= uint64_t{1} << (exact & 63U);

            redGreen_.add(p[0] - p[1]);
            yellowBlue_.add(0.5 * (p[0] + p[1]) - p[2]);
        }
    }

    void makeShades() {
        for (const Bin& bin : bins_) {
            if (bin.count == 0) continue;
            const auto mean = [&](uint64_t sum) {
                return static_cast<uint8_t>((sum + bin.count / 2) / bin.count);
            };
            measured_.shades.push_back({labOf({mean(bin.r), mean(bin.g), mean(bin.b)}), bin.count});
        }
        std::stable_sort(measured_.shades.begin(), measured_.shades.end(),
                         [](const Shade& x, const Shade& y) { return x.count > y.count; });
    }

    void makeGrid() {
        for (const Sum& sum : sums_) {
            const auto n = static_cast<float>(sum.count);
            measured_.grid.cells.push_back(
                {labOfLinear(sum.r / n, sum.g / n, sum.b / n), sum.steps / n});
        }
    }

    /// The value that `part` of the counted lie below.
    static float percentile(const std::array<uint32_t, 256>& counts, double pixels, double part) {
        double left = part * pixels;
        for (size_t i = 0; i < counts.size(); ++i) {
            left -= counts[i];
            if (left <= 0 && counts[i] > 0) return static_cast<float>(i) / 255.0F;
        }
        return 1;
    }

    void makeFigures() {
        Figures& f = measured_.figures;
        const double n = static_cast<double>(view_.width) * view_.height;
        f.p1 = percentile(histogram_, n, 0.01);
        f.p5 = percentile(histogram_, n, 0.05);
        f.p50 = percentile(histogram_, n, 0.50);
        f.p95 = percentile(histogram_, n, 0.95);
        f.p99 = percentile(histogram_, n, 0.99);
        f.contrast = f.p95 - f.p5;
        double light = 0;
        for (size_t i = 0; i < histogram_.size(); ++i)
            light += static_cast<double>(i) * histogram_[i];
        f.mean = static_cast<float>(light / n / 255.0);

        double chromas = 0;
        double few = 0;
        Lab cast;
        for (size_t i = 0; i < measured_.shades.size(); ++i) {
            const Shade& shade = measured_.shades[i];
            const double part = shade.count / n;
            const float c = chroma(shade.color);
            chromas += c * part;
            cast = cast + shade.color * static_cast<float>(part);
            if (i < 8) few += part;
            if (part > 0.001) f.maxChroma = std::max(f.maxChroma, c);
        }
        f.cast = cast;
        f.fewShare = static_cast<float>(few);
        f.saturation = static_cast<float>(std::min(1.0, chromas / kStrongestChroma));
        f.colourfulness =
            static_cast<float>(std::hypot(redGreen_.deviation(n), yellowBlue_.deviation(n)) +
                               0.3 * std::hypot(redGreen_.mean(n), yellowBlue_.mean(n)));

        f.sharpness = percentile(steps_, n, 0.99);
        double big = 0;
        for (size_t i = kBigStep; i < steps_.size(); ++i)
            big += steps_[i];
        f.flatShare = static_cast<float>(steps_[0] / n);
        f.hardShare = steps_[0] < n ? static_cast<float>(big / (n - steps_[0])) : 0;
        double distinct = 0;
        for (const uint64_t word : seen_)
            distinct += __builtin_popcountll(word);
        f.uniqueShare = static_cast<float>(distinct / n);
    }

    const View& view_;
    const std::array<float, 256> linear_;
    const std::vector<uint8_t> lightness_;
    std::vector<Bin> bins_;
    std::vector<uint64_t> seen_;
    std::vector<uint32_t> columnOf_;
    std::vector<Sum> sums_;
    std::array<uint32_t, 256> histogram_{};
    std::array<uint32_t, 256> steps_{};
    Spread redGreen_;
    Spread yellowBlue_;
    Measured measured_;
};

}  // namespace

std::optional<Measured> measure(const View& view, const Go& go) {
    Meter meter(view);
    if (!meter.look(go)) return std::nullopt;
    return meter.finish();
}

}  // namespace lens
