// The layers of the networks as the paper has them: plain weights, not in any kernel's order.
#pragma once
#include <vector>

namespace mtcnn {

// A convolution of stride 1 without padding.
struct Convolution {
    int outputs, inputs, side;
    std::vector<float> kernel;  // (outputs, inputs, side, side)
    std::vector<float> bias;    // (outputs)
    std::vector<float> slopes;  // (outputs), of the PReLU that follows; empty: none follows
};

// A fully connected layer.
struct Dense {
    int outputs, inputs;
    std::vector<float> kernel;  // (outputs, inputs)
    std::vector<float> bias;    // (outputs)
    std::vector<float> slopes;  // (outputs), of the PReLU that follows; empty: none follows
};

}  // namespace mtcnn
