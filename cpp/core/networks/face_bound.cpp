#include "core/networks/face_bound.hpp"

#include <algorithm>
#include <cmath>

namespace mtcnn {
namespace {

// A channel's part of the logit, h PReLU(c). If it is bounded, then by h slope c, and `loss` is the
// mean distance of that bound.
struct Term {
    int channel;
    bool is_bounded;
    float slope;
    double loss;
};

Term term_of(const Convolution& layer, const Convolution& head, const SumMeans& means,
             int channel) {
    const float h = head.kernel[channel], a = layer.slopes[channel];
    const double bend = static_cast<double>(h) * (1 - a);
    const double as_above = -bend * means.below[channel], as_below = -bend * means.above[channel];
    const bool above = as_above < as_below;
    const bool is_bounded = bend <= 0 && std::isfinite(bend);
    return {channel, is_bounded, above ? 1 : a, above ? as_above : as_below};
}

// Returns the terms of all channels: first those without a bound, then the others, the worst bound
// first.
std::vector<Term> terms_of(const Convolution& layer, const Convolution& head,
                           const SumMeans& means) {
    std::vector<Term> terms;
    for (int i = 0; i < layer.outputs; ++i) terms.push_back(term_of(layer, head, means, i));
    std::stable_sort(terms.begin(), terms.end(), [](const Term& a, const Term& b) {
        if (a.is_bounded != b.is_bounded) return b.is_bounded;
        return a.is_bounded && a.loss > b.loss;
    });
    return terms;
}

void append_channel(const Convolution& from, const Convolution& head, int channel, FaceBound& to) {
    const std::size_t size = from.kernel.size() / from.outputs;
    const auto kernel = from.kernel.begin() + channel * size;
    to.layer.kernel.insert(to.layer.kernel.end(), kernel, kernel + size);
    to.layer.bias.push_back(from.bias[channel]);
    to.layer.slopes.push_back(from.slopes[channel]);
    to.head.kernel.push_back(head.kernel[channel]);
}

// Appends the channel that is the sum of h slope c over all terms from `first` on.
void append_sum(const Convolution& from, const Convolution& head, const std::vector<Term>& terms,
                std::size_t first, FaceBound& to) {
    const std::size_t size = from.kernel.size() / from.outputs;
    std::vector<double> kernel(size);
    double bias = 0;
    for (std::size_t t = first; t < terms.size(); ++t) {
        const int channel = terms[t].channel;
        const double factor = static_cast<double>(head.kernel[channel]) * terms[t].slope;
        for (std::size_t i = 0; i < size; ++i)
            kernel[i] += factor * from.kernel[channel * size + i];
        bias += factor * from.bias[channel];
    }
    for (double weight : kernel) to.layer.kernel.push_back(static_cast<float>(weight));
    to.layer.bias.push_back(static_cast<float>(bias));
    to.layer.slopes.push_back(1);
    to.head.kernel.push_back(1);
}

}  // namespace

FaceBound face_bound(const Convolution& layer, const Convolution& head, const SumMeans* means) {
    FaceBound bound = {{0, layer.inputs, layer.side, {}, {}, {}},
                       {1, 0, 1, {}, {head.bias[0]}, {}}};
    if (!means) return bound;
    const std::vector<Term> terms = terms_of(layer, head, *means);
    const auto needed =
        std::count_if(terms.begin(), terms.end(), [](Term t) { return !t.is_bounded; });
    const auto channels = (needed + 1 + kBoundBlock - 1) / kBoundBlock * kBoundBlock;
    if (channels >= layer.outputs) return bound;
    for (int i = 0; i + 1 < channels; ++i) append_channel(layer, head, terms[i].channel, bound);
    append_sum(layer, head, terms, channels - 1, bound);
    bound.layer.outputs = bound.head.inputs = static_cast<int>(channels);
    return bound;
}

}  // namespace mtcnn
