// What spares most cells half of P-Net's third layer: an upper bound of the face logit from fewer
// channels than it has itself.
//
// The logit is a bias and, for each channel, h PReLU(c), where c is the channel's convolution. With
// a the slope of the PReLU, that is the larger or the smaller of h c and h a c: the larger if h (1
// - a) > 0. The smaller of two is at most either of them. So all channels of that kind together are
// at most a sum of h c and h a c, which is linear, and hence a single convolution. Only the others
// must be there.
#pragma once
#include <vector>

#include "core/networks/layers.hpp"

namespace mtcnn {

// Of the sums c, in photographs: how far below and above 0 they are, in the mean over cells that
// come near to a face. They tell which of h c and h a c is the closer bound.
struct SumMeans {
    std::vector<float> below, above;
};

// head(layer(features)) >= the face logit, but for rounding.
struct FaceBound {
    Convolution layer, head;
};

// The bound with a multiple of kBoundBlock channels: of the channels that need not be there, those
// that are bounded worst are there as well. Without means, or where that would be no fewer channels
// than the layer has, there is none: the layer has no outputs.
constexpr int kBoundBlock = 8;
FaceBound face_bound(const Convolution& layer, const Convolution& head, const SumMeans* means);

}  // namespace mtcnn
