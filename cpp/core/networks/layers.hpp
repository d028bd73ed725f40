// The layers of a network, as a model folder gives them.
#pragma once
#include <vector>

namespace mtcnn {

// Stride 1, no padding.
struct Convolution {
    int outputs, inputs, side;
    std::vector<float> kernel;  // (outputs, inputs, side, side)
    std::vector<float> bias;
    std::vector<float> slopes;  // of the PReLU behind it; empty: there is none
};

}  // namespace mtcnn
