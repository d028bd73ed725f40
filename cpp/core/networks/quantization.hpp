// P-Net in integers: the integer that stands for each number. A feature x of a channel is the
// integer of 16 bits nearest to units * x. Units are chosen for each channel, so that
//
// - features within the channel's limits, those that occur in photographs, go up to kMostFeature,
//   and others are clipped: no transform of inputs, whose sums weigh up to 20, leaves 16 bits;
// - no convolution of features within their limits leaves 16 bits, whatever the image.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "core/networks/layers.hpp"
#include "simd/pnet.hpp"

namespace mtcnn {

// The least and the largest value of every channel of a layer's output.
struct Limits {
    std::vector<float> low, high;
};

// The integers of features, by channel.
struct Quantized {
    std::vector<double> units;   // integers per 1
    std::vector<int> low, high;  // least and largest integer
};

// Owns the arrays of a simd::IntegerConvolution.
struct QuantizedConvolution {
    int outputs;
    std::vector<simd::Pair> kernel;
    std::vector<std::int32_t> bias;
    std::vector<simd::Pair> rise, fall, low, high;
    Quantized features;  // the layer's output

    simd::IntegerConvolution view() const;
};

// Returns the first layer, for pool_pairs. The kernel is (outputs / block, points, inputs, block,
// 3 taps), F(4, 3) down the columns. limits: those of the output.
QuantizedConvolution quantize_pooled(const Convolution& layer, int block, const Limits& limits);

// Returns the second or the third layer, for convolve_pairs and cells_of_pairs. The kernel is
// (outputs / block, points, inputs / 2, block), F(4, 3) down the columns, F(2, 3) along the rows.
// limits: those of the output; null: there are none, so that it may use all 16 bits.
QuantizedConvolution quantize(const Convolution& layer, int block, const Quantized& inputs,
                              const Limits* limits);

// Owns the arrays of a simd::IntegerHead.
struct QuantizedHead {
    int inputs;
    std::vector<simd::Pair> kernel;
    std::vector<float> scale, bias;

    simd::IntegerHead view() const;
};

// Returns P-Net's heads, a 1 x 1 convolution.
QuantizedHead quantize_head(const Convolution& layer, const Quantized& inputs);

}  // namespace mtcnn
