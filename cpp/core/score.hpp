// Probabilities of a face: the networks give a logit, whose sigmoid is the probability.
#pragma once
#include <cmath>

namespace mtcnn {

inline float probability(float logit) {
    return static_cast<float>(1 / (1 + std::exp(-static_cast<double>(logit))));
}

// Returns the logit above which the probability is above `threshold`: -inf for 0, inf for 1.
inline float logit(double threshold) {
    return static_cast<float>(std::log(threshold / (1 - threshold)));
}

}  // namespace mtcnn
