// Probabilities of a face: the networks give a logit, whose sigmoid is the probability. A model may
// have a score of several logits.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>

namespace mtcnn {

inline float probability(float logit) {
    return static_cast<float>(1 / (1 + std::exp(-static_cast<double>(logit))));
}

// Returns the logit above which the probability is above `threshold`: -inf for 0, inf for 1.
inline float logit(double threshold) {
    return static_cast<float>(std::log(threshold / (1 - threshold)));
}

// Logits are limited to this size, either way, before they become a score. P-Net's come from
// probabilities in float32, which are 1 from about 17 on.
constexpr float kLargestLogit = 16;

inline float limited(float logit) { return std::clamp(logit, -kLargestLogit, kLargestLogit); }

// Returns the logit of a probability, limited.
inline float limited_logit(float probability) {
    const double inside = std::clamp<double>(probability, 1e-7, 1 - 1e-7);
    return limited(logit(inside));
}

// A logistic model: the logit of the score is a weighted sum of the networks' logits, limited, and
// a bias.
struct Score {
    const double* weights;  // of each network, then the bias
    std::size_t networks;

    // Returns the logit of the score, where logit_of(network) returns a network's.
    template <typename LogitOf>
    float logit(const LogitOf& logit_of) const {
        double sum = 0;
        for (std::size_t i = 0; i < networks; ++i)
            sum += static_cast<double>(limited(logit_of(i))) * weights[i];
        return static_cast<float>(sum + weights[networks]);
    }
};

}  // namespace mtcnn
