#include "core/networks/quantization.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/networks/filters.hpp"

namespace mtcnn {
namespace {

constexpr int kMost = 32767;          // of 16 bits
constexpr int kMostFeature = 1638;    // kMost / 20
constexpr double kUnit = 1 << 15;     // what simd::multiply_round multiplies by as if it were 1
constexpr double kLeastReach = 1e-6;  // of a channel that is always 0

// A sum of products is kept in units 2^16 times as fine, or, of pixels, 2^15 times: weights, too.
constexpr double kFineness = 1 << 16, kPixelFineness = 1 << 15;

// What roundings add to a result at most. They add half a unit to a sum, and, in the weights, a
// quarter for each of 16 inputs: a result weighs sums by up to 66 altogether. In the first layer
// they add half a unit to each of 9 products, and half a unit in each one's weight: 22.
constexpr int kRoundings = 300, kPixelRoundings = 200;

// Of a head's weights: the sum of their products with 16 bits is one of 32.
constexpr int kMostSum = 65000;

int nearest(double x) { return static_cast<int>(std::lrint(x)); }

simd::Pair pair(int even, int odd) {
    return {static_cast<std::int16_t>(even), static_cast<std::int16_t>(odd)};
}

std::vector<simd::Pair> pairs(const std::vector<int>& values) {
    std::vector<simd::Pair> paired;
    for (std::size_t i = 0; i < values.size(); i += 2)
        paired.push_back(pair(values[i], values[i + 1]));
    return paired;
}

const float* taps(const Convolution& layer, int output, int input) {
    return layer.kernel.data() + 9 * (output * layer.inputs + input);
}

// G g: (points, 3 taps), of a kernel's columns.
std::vector<double> transform_down(const float* kernel) {
    std::vector<double> factors;
    for (const Taps& g : kFilters4)
        for (int x = 0; x < 3; ++x)
            factors.push_back(g[0] * kernel[x] + g[1] * kernel[3 + x] + g[2] * kernel[6 + x]);
    for (std::size_t i = factors.size() - 3; i < factors.size(); ++i)
        factors[i] /= simd::kLastPointShare;
    return factors;
}

// (points down, points along).
std::vector<double> transform_both(const float* kernel) {
    std::vector<double> factors;
    const std::vector<double> down = transform_down(kernel);
    for (std::size_t p = 0; p < down.size(); p += 3)
        for (const Taps& h : kFilters2)
            factors.push_back(h[0] * down[p] + h[1] * down[p + 1] + h[2] * down[p + 2]);
    return factors;
}

using Transform = std::vector<double> (*)(const float* kernel);

// The largest magnitude of an output.
double reach(const Convolution& layer, int output, const Quantised& inputs) {
    double most = layer.bias[output], least = layer.bias[output];
    for (int input = 0; input < layer.inputs; ++input) {
        const double low = inputs.low[input] / inputs.units[input];
        const double high = inputs.high[input] / inputs.units[input];
        for (int tap = 0; tap < 9; ++tap) {
            const double weight = taps(layer, output, input)[tap];
            most += std::max(weight * low, weight * high);
            least += std::min(weight * low, weight * high);
        }
    }
    return std::max({most, -least, kLeastReach});
}

// The largest magnitude of an output's transformed weights, for inputs in units.
double largest_weight(const Convolution& layer, int output, const Quantised& inputs,
                      Transform transform) {
    double largest = 0;
    for (int input = 0; input < layer.inputs; ++input)
        for (double weight : transform(taps(layer, output, input)))
            largest = std::max(largest, std::abs(weight) / inputs.units[input]);
    return largest;
}

// Of every output: as fine as may be, so that neither it nor a weight leaves 16 bits.
std::vector<double> units_of_sums(const Convolution& layer, const Quantised& inputs,
                                  Transform transform, double fineness, int roundings) {
    std::vector<double> units;
    for (int i = 0; i < layer.outputs; ++i) {
        const double of_sums = (kMost - roundings) / reach(layer, i, inputs);
        const double weight = largest_weight(layer, i, inputs, transform) * fineness;
        units.push_back(weight * of_sums <= kMost ? of_sums : kMost / weight);
    }
    return units;
}

// [input] the transformed weights of an output, as integers.
std::vector<std::vector<int>> weights(const Convolution& layer, int output, const Quantised& inputs,
                                      Transform transform, double units) {
    std::vector<std::vector<int>> rounded(layer.inputs);
    for (int input = 0; input < layer.inputs; ++input)
        for (double weight : transform(taps(layer, output, input)))
            rounded[input].push_back(nearest(weight * units / inputs.units[input]));
    return rounded;
}

// The larger of a channel's limits, in units of its sums, of which none exceeds kMost.
double largest_sum(const Limits& limits, int channel, double units) {
    const float largest = std::max(-limits.low[channel], limits.high[channel]);
    return std::clamp<double>(largest * units, 1, kMost);
}

// All but the kernel. units: of the sums, which the PReLU turns into those of the features.
QuantisedConvolution without_kernel(const Convolution& layer, const std::vector<double>& units,
                                    double fineness, const Limits* limits) {
    QuantisedConvolution to = {layer.outputs, {}, {}, {}, {}, {}, {}, {}};
    std::vector<int> rise, fall;
    for (int i = 0; i < layer.outputs; ++i) {
        to.bias.push_back(nearest(layer.bias[i] * units[i] * fineness));
        double ratio = kMost / kUnit / std::max(1.f, std::abs(layer.slopes[i]));
        if (limits) ratio = std::min(ratio, kMostFeature / largest_sum(*limits, i, units[i]));
        rise.push_back(nearest(kUnit * ratio));
        fall.push_back(nearest(kUnit * ratio * layer.slopes[i]));
        const double features = units[i] * rise[i] / kUnit;
        to.features.units.push_back(features);
        const int most = limits ? kMostFeature : kMost;
        const auto clip = [&](double x) { return nearest(std::clamp<double>(x, -most, most)); };
        to.features.low.push_back(limits ? clip(limits->low[i] * features) : -most);
        to.features.high.push_back(limits ? clip(limits->high[i] * features) : most);
    }
    to.rise = pairs(rise);
    to.fall = pairs(fall);
    to.low = pairs(to.features.low);
    to.high = pairs(to.features.high);
    return to;
}

Quantised pixels(int channels) {
    const auto of = [&](int x) {
        return std::vector<int>(channels, (x - simd::kPixelOrigin) * simd::kPixelUnits);
    };
    return {std::vector<double>(channels, simd::kPixelUnits), of(0), of(255)};
}

// The layer that gives the same from pixels less their origin.
Convolution from_origin(Convolution layer) {
    const std::size_t taps = layer.kernel.size() / layer.bias.size();
    for (std::size_t i = 0; i < layer.kernel.size(); ++i)
        layer.bias[i / taps] += simd::kPixelOrigin * layer.kernel[i];
    return layer;
}

}  // namespace

QuantisedConvolution quantise_pooled(const Convolution& from, int block, const Limits& limits) {
    const Convolution layer = from_origin(from);
    const Quantised inputs = pixels(layer.inputs);
    const std::vector<double> units =
        units_of_sums(layer, inputs, transform_down, kPixelFineness, kPixelRoundings);
    QuantisedConvolution to = without_kernel(layer, units, 1, &limits);
    std::vector<std::vector<std::vector<int>>> all;
    for (int i = 0; i < layer.outputs; ++i)
        all.push_back(weights(layer, i, inputs, transform_down, units[i] * kPixelFineness));
    for (int first = 0; first < layer.outputs; first += block)
        for (std::size_t p = 0; p < std::size(kFilters4); ++p)
            for (int input = 0; input < layer.inputs; ++input)
                for (int output = first; output < first + block; ++output)
                    for (int tap = 0; tap < 3; ++tap) {
                        const int weight = all[output][input][3 * p + tap];
                        to.kernel.push_back(pair(weight, weight));
                    }
    return to;
}

QuantisedConvolution quantise(const Convolution& layer, int block, const Quantised& inputs,
                              const Limits* limits) {
    const std::vector<double> units =
        units_of_sums(layer, inputs, transform_both, kFineness, kRoundings);
    QuantisedConvolution to = without_kernel(layer, units, kFineness, limits);
    std::vector<std::vector<std::vector<int>>> all;
    for (int i = 0; i < layer.outputs; ++i)
        all.push_back(weights(layer, i, inputs, transform_both, units[i] * kFineness));
    constexpr std::size_t kPoints = std::size(kFilters4) * std::size(kFilters2);
    for (int first = 0; first < layer.outputs; first += block)
        for (std::size_t p = 0; p < kPoints; ++p)
            for (int input = 0; input < layer.inputs; input += 2)
                for (int output = first; output < first + block; ++output)
                    to.kernel.push_back(pair(all[output][input][p], all[output][input + 1][p]));
    return to;
}

QuantisedHead quantise_head(const Convolution& layer, const Quantised& inputs) {
    QuantisedHead head = {layer.inputs, {}, {}, layer.bias};
    for (int output = 0; output < layer.outputs; ++output) {
        std::vector<double> exact;
        double most = 0, sum = 0;
        for (int i = 0; i < layer.inputs; ++i) {
            exact.push_back(layer.kernel[output * layer.inputs + i] / inputs.units[i]);
            most = std::max(most, std::abs(exact[i]));
            sum += std::abs(exact[i]);
        }
        const double units = sum == 0 ? 1 : std::min(kMost / most, kMostSum / sum);
        std::vector<int> rounded;
        for (double weight : exact) rounded.push_back(nearest(weight * units));
        const std::vector<simd::Pair> kernel = pairs(rounded);
        head.kernel.insert(head.kernel.end(), kernel.begin(), kernel.end());
        head.scale.push_back(static_cast<float>(1 / units));
    }
    return head;
}

simd::IntegerConvolution QuantisedConvolution::view() const {
    return {outputs, kernel.data(), bias.data(), rise.data(), fall.data(), low.data(), high.data()};
}

simd::IntegerHead QuantisedHead::view() const {
    return {inputs, kernel.data(), scale.data(), bias.data()};
}

}  // namespace mtcnn
