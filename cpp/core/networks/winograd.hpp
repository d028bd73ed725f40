// Kernels as Winograd convolutions use them: G g, with G of simd/winograd.hpp. All are of 3 x 3
// taps, transformed by F(4, 3) down the columns and, where said, by F(2, 3) along the rows.
#pragma once
#include <vector>

#include "core/networks/layers.hpp"

namespace mtcnn {

// Returns the 3 x 3 taps that lead from an input channel to an output channel.
const float* taps_of(const Convolution& layer, int output, int input);

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
