#include "palette.hpp"

#include <algorithm>
#include <cmath>

#include "color_names.hpp"

namespace lens {
namespace {

constexpr size_t kSeeds = 12;
constexpr int kRounds = 12;
constexpr float kMinShare = 0.004F;
constexpr float kSame = 0.05F;

struct Cluster {
    Lab color;
    float weight = 0;  /// a part of all pixels
};

size_t nearest(std::span<const Cluster> clusters, Lab color) {
    size_t best = 0;
    float least = difference(clusters[0].color, color);
    for (size_t i = 1; i < clusters.size(); ++i) {
        const float far = difference(clusters[i].color, color);
        if (far < least) {
            least = far;
            best = i;
        }
    }
    return best;
}

/// The most frequent shade, then ever the one that is least told by those chosen: far from them,
/// and frequent. The root keeps small bright spots in the running.
std::vector<Cluster> seeds(std::span<const Cluster> points) {
    std::vector<Cluster> out{points[0]};
    std::vector<float> far(points.size(), 4);
    while (out.size() < kSeeds) {
        size_t best = 0;
        float most = 0;
        for (size_t i = 0; i < points.size(); ++i) {
            far[i] = std::min(far[i], difference(points[i].color, out.back().color));
            const float gain = far[i] * far[i] * std::sqrt(points[i].weight);
            if (gain > most) {
                most = gain;
                best = i;
            }
        }
        if (most <= 0) break;
        out.push_back(points[best]);
    }
    return out;
}

void kMeans(std::span<const Cluster> points, std::vector<Cluster>& clusters) {
    for (int round = 0; round < kRounds; ++round) {
        std::vector<Cluster> sums(clusters.size());
        for (const Cluster& point : points) {
            Cluster& sum = sums[nearest(clusters, point.color)];
            sum.color = sum.color + point.color * point.weight;
            sum.weight += point.weight;
        }
        float moved = 0;
        for (size_t i = 0; i < clusters.size(); ++i) {
            if (sums[i].weight > 0) {
                const Lab mean = sums[i].color * (1 / sums[i].weight);
                moved = std::max(moved, difference(mean, clusters[i].color));
                clusters[i].color = mean;
            }
            clusters[i].weight = sums[i].weight;
        }
        if (moved < 0.001F) return;
    }
}

/// Joins the pair that loses least, Ward's way, until there are `size` and no two look the same.
void join(std::vector<Cluster>& clusters, size_t size) {
    while (clusters.size() > 1) {
        size_t first = 0;
        size_t second = 1;
        float least = 1e9F;
        bool same = false;
        for (size_t i = 0; i < clusters.size(); ++i) {
            for (size_t j = i + 1; j < clusters.size(); ++j) {
                const float far = difference(clusters[i].color, clusters[j].color);
                const float a = std::sqrt(clusters[i].weight);
                const float b = std::sqrt(clusters[j].weight);
                const float loss = far < kSame ? far - kSame : far * far * a * b / (a + b);
                if (loss < least) {
                    least = loss;
                    first = i;
                    second = j;
                    same = far < kSame;
                }
            }
        }
        if (clusters.size() <= size && !same) return;
        Cluster& kept = clusters[first];
        const Cluster& gone = clusters[second];
        const float weight = kept.weight + gone.weight;
        kept.color = (kept.color * kept.weight + gone.color * gone.weight) * (1 / weight);
        kept.weight = weight;
        clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(second));
    }
}

/// The colour that most of a cluster is near to: soft edges between areas pull a mean away.
Lab heart(std::span<const Cluster> points, std::span<const Cluster> clusters, size_t which) {
    constexpr float kNear = 0.08F;
    Lab sum;
    float weight = 0;
    for (const Cluster& point : points) {
        if (nearest(clusters, point.color) != which) continue;
        const float far = difference(point.color, clusters[which].color) / kNear;
        const float counts = point.weight / (1 + far * far * far * far);
        sum = sum + point.color * counts;
        weight += counts;
    }
    return weight > 0 ? sum * (1 / weight) : clusters[which].color;
}

}  // namespace

std::vector<Swatch> paletteOf(std::span<const Shade> shades, size_t size) {
    double total = 0;
    for (const Shade& shade : shades)
        total += shade.count;
    std::vector<Cluster> points;
    points.reserve(shades.size());
    for (const Shade& shade : shades)
        points.push_back({shade.color, static_cast<float>(shade.count / total)});

    std::vector<Cluster> clusters = seeds(points);
    kMeans(points, clusters);
    std::erase_if(clusters, [](const Cluster& c) { return c.weight <= 0; });
    join(clusters, clusters.size());
    if (clusters.size() > size) {
        std::erase_if(clusters, [](const Cluster& c) { return c.weight < kMinShare; });
        join(clusters, size);
    }
    // After the joins the areas are other ones.
    kMeans(points, clusters);
    std::vector<Swatch> out;
    for (size_t i = 0; i < clusters.size(); ++i) {
        const Lab color = heart(points, clusters, i);
        out.push_back({color, clusters[i].weight, nameOf(color)});
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Swatch& x, const Swatch& y) { return x.share > y.share; });
    for (size_t i = 1; i < out.size(); ++i) {
        const auto taken = [&](const Swatch& s) { return s.name == out[i].name; };
        if (std::any_of(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(i), taken))
            out[i].name = hexOf(out[i].color);
    }
    return out;
}

std::vector<std::string> paletteNames(std::span<const Swatch> swatches) {
    std::vector<std::string> out;
    for (const Swatch& swatch : swatches.first(std::min(swatches.size(), kMaxPalette)))
        out.push_back(swatch.name);
    const size_t named = out.size();
    for (size_t i = 0; i < named && out.size() < kMinPalette; ++i) {
        const std::string hex = hexOf(swatches[i].color);
        if (std::find(out.begin(), out.end(), hex) == out.end()) out.push_back(hex);
    }
    // A picture of one colour has no more to say.
    while (!out.empty() && out.size() < kMinPalette)
        out.push_back(out.front());
    return out;
}

}  // namespace lens
