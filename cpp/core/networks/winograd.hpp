// Kernels as Winograd convolutions use them: G g, with G of simd/winograd.hpp.
#pragma once
#include <vector>

#include "core/networks/layers.hpp"
#include "simd/winograd.hpp"

namespace mtcnn {

// G of simd/winograd.hpp, (points, taps).
struct Filter {
    const double (*factors)[simd::kMostTaps];
    int points, taps;
};

template <int kOutputs, int kTaps>
constexpr Filter filter_of(const simd::Filtering<kOutputs, kTaps>& filtering) {
    return {filtering.filters, filtering.kPoints, kTaps};
}

constexpr int kMostPoints = simd::kF63.kPoints;

// Computes the points of taps that are `step` apart, `point_step` apart. A Number is a double, or a
// vector of the taps of several filters.
template <typename Number>
void transform(const Filter& filter, const Number* taps, int step, Number* points, int point_step) {
    for (int p = 0; p < filter.points; ++p) {
        Number sum = {};
        for (int tap = 0; tap < filter.taps; ++tap)
            sum += filter.factors[p][tap] * taps[tap * step];
        points[p * point_step] = sum;
    }
}

// Computes (points, taps) of taps (taps, taps), transformed down the columns.
template <typename Number>
void transform_down(const Filter& filter, const Number* taps, Number* points) {
    for (int x = 0; x < filter.taps; ++x)
        transform(filter, taps + x, filter.taps, points + x, filter.taps);
}

// Computes (points, points) of taps (taps, taps), transformed down the columns and along the rows.
template <typename Number>
void transform_both(const Filter& down, const Filter& along, const Number* taps, Number* points) {
    Number between[kMostPoints * simd::kMostTaps];
    transform_down(down, taps, between);
    for (int p = 0; p < down.points; ++p)
        transform(along, between + p * along.taps, 1, points + p * along.points, 1);
}

// Returns the taps (side, side) that lead from an input channel to an output channel.
const float* taps_of(const Convolution& layer, int output, int input);

// P-Net's filtering of 3 x 3 taps: F(4, 3) down the columns and, where said, F(2, 3) along the
// rows.

// Returns (6 points, 3 taps) of 3 x 3 taps, transformed down the columns.
std::vector<double> transform_down(const float* taps);

// Returns (6 points, 4 points) of 3 x 3 taps, transformed down the columns and along the rows.
std::vector<double> transform_both(const float* taps);

// Returns a layer's kernel transformed down the columns: (outputs / block, 6 points, inputs, block,
// 3 taps).
std::vector<float> kernel_down(const Convolution& layer, int block);

// Returns a layer's kernel transformed both ways: (outputs / block, 6 x 4 points, inputs, block).
std::vector<float> kernel_both(const Convolution& layer, int block);

}  // namespace mtcnn
