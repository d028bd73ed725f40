// Kernels as Winograd convolutions use them: G g of kernels/winograd.hpp.
#pragma once
#include <vector>

#include "core/networks/layers.hpp"

namespace mtcnn {

// (outputs / block, points, inputs, block, 3 taps): F(4, 3) down the columns.
std::vector<float> transform_columns(const Convolution& layer, int block);

// (outputs / block, points, inputs, block): F(4, 3) down the columns, F(2, 3) along the rows; their
// points in that order.
std::vector<float> transform_both(const Convolution& layer, int block);

}  // namespace mtcnn
