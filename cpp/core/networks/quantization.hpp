// P-Net in integers: which integer stands for which number. A feature x of a channel is the integer
// nearest to units * x, of 16 bits. Units are chosen for each channel, so that
//
// - features between the channel's limits, those that occur in photographs, reach kMostFeature, and
//   others are clipped: no transform of inputs, whose sums weigh up to 20, leaves 16 bits;
// - no convolution of features within their limits leaves 16 bits, whatever the picture.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "core/networks/layers.hpp"
#include "simd/pnet.hpp"

namespace mtcnn {

// Of every channel of a layer's output.
struct Limits {
    std::vector<float> low, high;
};

// Features as integers, by channel.
struct Quantised {
    std::vector<double> units;
    std::vector<int> low, high;  // in these units
};

// What simd::IntegerConvolution points at.
struct QuantisedConvolution {
    int outputs;
    std::vector<simd::Pair> kernel;
    std::vector<std::int32_t> bias;
    std::vector<simd::Pair> rise, fall, low, high;
    Quantised features;  // that it gives

    simd::IntegerConvolution view() const;
};

// The first layer, for pool_pairs: the kernel is (outputs / block, points, inputs, block, 3 taps),
// F(4, 3) down the columns.
QuantisedConvolution quantise_pooled(const Convolution& layer, int block, const Limits& limits);

// The next ones, for convolve_pairs and cells_of_pairs: (outputs / block, points, inputs / 2,
// block), F(4, 3) down the columns, F(2, 3) along the rows.
// limits: of the output; null: there are none, so that it may use all 16 bits.
QuantisedConvolution quantise(const Convolution& layer, int block, const Quantised& inputs,
                              const Limits* limits);

// What simd::IntegerHead points at.
struct QuantisedHead {
    int inputs;
    std::vector<simd::Pair> kernel;
    std::vector<float> scale, bias;

    simd::IntegerHead view() const;
};

QuantisedHead quantise_head(const Convolution& layer, const Quantised& inputs);

}  // namespace mtcnn
