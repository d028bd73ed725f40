// The networks give a logit; the probability of a face is its sigmoid.
#pragma once
#include <cmath>

namespace mtcnn {

inline float probability(float logit) {
    return static_cast<float>(1 / (1 + std::exp(-static_cast<double>(logit))));
}

// The logit above which the probability is above `threshold`: -inf at 0, inf at 1.
inline float logit(double threshold) {
    return static_cast<float>(std::log(threshold / (1 - threshold)));
}

}  // namespace mtcnn
