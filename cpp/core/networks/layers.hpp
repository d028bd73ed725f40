// The layers of the networks as the paper has them: plain weights, in no kernel's order.
#pragma once
#include <vector>

namespace mtcnn {

// Stride 1, no padding.
struct Convolution {
    int outputs, inputs, side;
    std::vector<float> kernel;  // (outputs, inputs, side, side)
    std::vector<float> bias;
    std::vector<float> slopes;  // of the PReLU that follows; empty: none does
};

struct Dense {
    int outputs, inputs;
    std::vector<float> kernel;  // (outputs, inputs)
    std::vector<float> bias;
    std::vector<float> slopes;  // of the PReLU that follows; empty: none does
};

}  // namespace mtcnn
