#include "imaging/shrink.hpp"

#include <algorithm>
#include <cmath>

namespace host::imaging {

Size fitted(Size size, std::uint32_t maxSide) {
    const std::uint32_t longer = std::max(size.width, size.height);
    if (maxSide == 0 || longer <= maxSide) return size;
    const auto scaled = [&](std::uint32_t side) {
        const std::uint64_t rounded = (std::uint64_t{side} * maxSide + longer / 2) / longer;
        return std::max(1U, static_cast<std::uint32_t>(rounded));
    };
    return {scaled(size.width), scaled(size.height)};
}

Shrinker::Shrinker(Size from, Size to)
    : from_(from),
      pixels_{to.width, to.height,
              std::vector<std::uint8_t>(std::size_t{3} * to.width * to.height)} {
    if (to.width == from.width && to.height == from.height) return;
    row_.resize(std::size_t{3} * to.width);
    sums_.resize(row_.size());
    const double ratio = static_cast<double>(from.width) / to.width;
    for (std::uint32_t i = 0; i <= to.width; ++i) {
        const double edge = i * ratio;
        const auto column = std::min(static_cast<std::uint32_t>(edge), from.width);
        edges_.push_back(column);
        parts_.push_back(column == from.width ? 0.0F : static_cast<float>(edge - column));
    }
    // Rounding must not move the last edge off the picture's.
    edges_.back() = from.width;
    parts_.back() = 0;
}

void Shrinker::push(const std::uint8_t* rgb) {
    if (pushed_ == from_.height) return;
    if (row_.empty()) {
        const std::size_t stride = std::size_t{3} * from_.width;
        std::copy_n(rgb, stride, pixels_.rgb.data() + pushed_ * stride);
        ++pushed_;
        return;
    }
    reduce(rgb);
    // In units of 1/to.height of a row this row reaches from `top` to `bottom`, the new row to
    // `edge`. It is at least as high as this one, so one edge at most lies between.
    const std::uint64_t height = pixels_.height;
    const std::uint64_t top = pushed_ * height;
    const std::uint64_t bottom = top + height;
    const std::uint64_t edge = std::uint64_t{made_ + 1} * from_.height;
    const std::uint64_t before = std::min(edge, bottom) - top;
    add(static_cast<float>(before) / static_cast<float>(height));
    if (edge <= bottom) {
        finishRow();
        if (bottom > edge) add(static_cast<float>(bottom - edge) / static_cast<float>(height));
    }
    ++pushed_;
}

void Shrinker::reduce(const std::uint8_t* rgb) {
    for (std::uint32_t i = 0; i < pixels_.width; ++i) {
        const std::uint32_t first = edges_[i];
        const std::uint32_t last = edges_[i + 1];
        // Whole columns, then without the part before the first edge, with that before the last.
        std::uint32_t sum[3] = {0, 0, 0};
        const std::uint8_t* p = rgb + std::size_t{3} * first;
        for (std::uint32_t x = first; x < last; ++x, p += 3) {
            sum[0] += p[0];
            sum[1] += p[1];
            sum[2] += p[2];
        }
        const std::uint8_t* head = rgb + std::size_t{3} * first;
        const std::uint8_t* tail = last < from_.width ? p : head;
        float* to = &row_[std::size_t{3} * i];
        for (int c = 0; c < 3; ++c) {
            to[c] = static_cast<float>(sum[c]) - parts_[i] * static_cast<float>(head[c]) +
                    parts_[i + 1] * static_cast<float>(tail[c]);
        }
    }
}

void Shrinker::add(float share) {
    for (std::size_t i = 0; i < sums_.size(); ++i)
        sums_[i] += share * row_[i];
}

void Shrinker::finishRow() {
    if (made_ == pixels_.height) return;
    const double area = static_cast<double>(from_.width) / pixels_.width *
                        static_cast<double>(from_.height) / pixels_.height;
    const auto scale = static_cast<float>(1 / area);
    std::uint8_t* to = pixels_.rgb.data() + made_ * sums_.size();
    for (std::size_t i = 0; i < sums_.size(); ++i)
        to[i] = static_cast<std::uint8_t>(std::clamp(sums_[i] * scale + 0.5F, 0.0F, 255.0F));
    std::fill(sums_.begin(), sums_.end(), 0.0F);
    ++made_;
}

Pixels Shrinker::take() {
    return std::move(pixels_);
}

}  // namespace host::imaging
