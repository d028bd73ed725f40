// An upper bound of the face logit from fewer channels than the logit has itself, which spares most
// cells half of P-Net's third layer.
//
// The logit is a bias plus, for each channel, h PReLU(c), where c is the channel's convolution.
// With a the slope of the PReLU, h PReLU(c) is the larger of h c and h a c if h (1 - a) > 0, and
// the smaller of them otherwise. The smaller of two numbers is at most either of them. So all
// channels of the latter kind together are at most a sum of h c or h a c, which is linear in the
// features and hence a single convolution. Only the channels of the former kind must be computed
// each by itself.
#pragma once
#include <vector>

#include "core/networks/layers.hpp"

namespace mtcnn {

// Means, over cells of photographs that come near to a face, of max(-c, 0) and max(c, 0) of each
// channel. They tell which of h c and h a c is the closer bound.
struct SumMeans {
    std::vector<float> below, above;
};

// Two layers with head(layer(features)) >= the face logit, but for rounding.
struct FaceBound {
    Convolution layer, head;
};

// Returns the bound for P-Net's third layer and the head's first output. It has a multiple of
// kBoundBlock channels: those that the block has room for are the ones that are bounded worst.
// Without means, or if the bound would have no fewer channels than the layer, its layer has no
// outputs.
constexpr int kBoundBlock = 8;
FaceBound face_bound(const Convolution& layer, const Convolution& head, const SumMeans* means);

}  // namespace mtcnn
