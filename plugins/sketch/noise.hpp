#pragma once
// Smooth random fields: value noise, sums of it, and one-dimensional ridge lines. Pure functions.

#include <cstdint>
#include <vector>

#include "random.hpp"

namespace sketch {

/// Value noise, 0..1, one bump per unit square.
float noise(float x, float y, uint32_t seed);
/// `octaves` of it, each twice as fine and half as strong, 0..1.
float fbm(float x, float y, int octaves, uint32_t seed);

/// Values worked out on a coarse grid of `cell` pixels and read smoothly in between: for clouds and
/// mists, where a value for every pixel would be wasted.
class Field {
  public:
    template <class F>
    Field(int width, int height, int cell, F value)
        : cell_(cell > 1 ? cell : 1), columns_(width / cell_ + 3), rows_(height / cell_ + 3) {
        values_.reserve(static_cast<size_t>(columns_) * static_cast<size_t>(rows_));
        for (int y = 0; y < rows_; ++y) {
            for (int x = 0; x < columns_; ++x) {
                values_.push_back(
                    value(static_cast<float>(x * cell_), static_cast<float>(y * cell_)));
            }
        }
    }
    float at(float x, float y) const;

  private:
    int cell_;
    int columns_;
    int rows_;
    std::vector<float> values_;
};

/// A skyline of `count` heights, 0..1: midpoint displacement; rough 0.4 = hills, 0.6 = rock.
std::vector<float> ridge(int count, float rough, Rng& rng);

}  // namespace sketch
