#include "core/networks/quantization.hpp"

#include <algorithm>
#include <cmath>

#include "core/networks/winograd.hpp"
#include "simd/winograd.hpp"

namespace mtcnn {
namespace {

constexpr int kMost = 32767;          // largest integer of 16 bits
constexpr int kMostFeature = 1638;    // kMost / 20
constexpr double kUnit = 1 << 15;     // stands for 1 in the products of multiply_round
constexpr double kLeastReach = 1e-6;  // in place of 0, for a channel that is always 0

// A sum of products, and so its weights, are kept in units 2^16 times as fine as those of the
// output; 2^15 times in the first layer, which takes pixels.
constexpr double kFineness = 1 << 16, kPixelFineness = 1 << 15;

// The most that roundings add to a result, in units. In the later layers they add half a unit to a
// sum and, through the weights, a quarter for each of 16 inputs; the weights of sums in a result
// add up to 66 at most. In the first layer they add half a unit to each of 9 products, and half a
// unit through each one's weight; there the weights add up to 22.
constexpr int kRoundings = 300, kPixelRoundings = 200;

// The largest sum of a head's weights: its products with integers of 16 bits fit 32 bits.
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

// Divides the last point's factors by simd::kLastPointShare, a power of 2.
std::vector<double> share(std::vector<double> factors) {
    const std::size_t points = simd::kF43.kPoints;
    for (std::size_t i = factors.size() / points * (points - 1); i < factors.size(); ++i)
        factors[i] /= simd::kLastPointShare;
    return factors;
}

std::vector<double> shared_down(const float* taps) { return share(transform_down(taps)); }
std::vector<double> shared_both(const float* taps) { return share(transform_both(taps)); }

using Transform = std::vector<double> (*)(const float* taps);

// Returns the largest magnitude of an output.
double reach(const Convolution& layer, int output, const Quantized& inputs) {
    double most = layer.bias[output], least = layer.bias[output];
    for (int input = 0; input < layer.inputs; ++input) {
        const double low = inputs.low[input] / inputs.units[input];
        const double high = inputs.high[input] / inputs.units[input];
        for (int tap = 0; tap < 9; ++tap) {
            const double weight = taps_of(layer, output, input)[tap];
            most += std::max(weight * low, weight * high);
            least += std::min(weight * low, weight * high);
        }
    }
    return std::max({most, -least, kLeastReach});
}

// Returns the largest magnitude of an output's transformed weights, for inputs in their units.
double largest_weight(const Convolution& layer, int output, const Quantized& inputs,
                      Transform transform) {
    double largest = 0;
    for (int input = 0; input < layer.inputs; ++input)
        for (double weight : transform(taps_of(layer, output, input)))
            largest = std::max(largest, std::abs(weight) / inputs.units[input]);
    return largest;
}

// Returns the units of every output: as many as keep it and its weights within 16 bits.
std::vector<double> units_of_sums(const Convolution& layer, const Quantized& inputs,
                                  Transform transform, double fineness, int roundings) {
    std::vector<double> units;
    for (int i = 0; i < layer.outputs; ++i) {
        const double of_sums = (kMost - roundings) / reach(layer, i, inputs);
        const double weight = largest_weight(layer, i, inputs, transform) * fineness;
        units.push_back(weight * of_sums <= kMost ? of_sums : kMost / weight);
    }
    return units;
}

// Returns an output's transformed weights as integers, (inputs, points) or (inputs, points, 3
// taps).
std::vector<std::vector<int>> weights(const Convolution& layer, int output, const Quantized& inputs,
                                      Transform transform, double units) {
    std::vector<std::vector<int>> rounded(layer.inputs);
    for (int input = 0; input < layer.inputs; ++input)
        for (double weight : transform(taps_of(layer, output, input)))
            rounded[input].push_back(nearest(weight * units / inputs.units[input]));
    return rounded;
}

// Returns the larger magnitude of a channel's limits, in units of its sums, none of which is above
// kMost.
double largest_sum(const Limits& limits, int channel, double units) {
    const float largest = std::max(-limits.low[channel], limits.high[channel]);
    return std::clamp<double>(largest * units, 1, kMost);
}

// Returns the layer without its kernel. units: those of the sums, which the PReLU turns into those
// of the features; fineness: units of the bias per unit of the sums.
QuantizedConvolution without_kernel(const Convolution& layer, const std::vector<double>& units,
                                    double fineness, const Limits* limits) {
    QuantizedConvolution to = {layer.outputs, {}, {}, {}, {}, {}, {}, {}};
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

// Returns the integers of pixels (simd::kPixelOrigin).
Quantized pixels(int channels) {
    const auto of = [&](int x) {
        return std::vector<int>(channels, (x - simd::kPixelOrigin) * simd::kPixelUnits);
    };
    return {std::vector<double>(channels, simd::kPixelUnits), of(0), of(255)};
}

// Returns the layer that gives the same output from pixels less their origin.
Convolution from_origin(Convolution layer) {
    const std::size_t taps = layer.kernel.size() / layer.bias.size();
    for (std::size_t i = 0; i < layer.kernel.size(); ++i)
        layer.bias[i / taps] += simd::kPixelOrigin * layer.kernel[i];
    return layer;
}

}  // namespace

QuantizedConvolution quantize_pooled(const Convolution& from, int block, const Limits& limits) {
    const Convolution layer = from_origin(from);
    const Quantized inputs = pixels(layer.inputs);
    const std::vector<double> units =
        units_of_sums(layer, inputs, shared_down, kPixelFineness, kPixelRoundings);
    QuantizedConvolution to = without_kernel(layer, units, 1, &limits);
    std::vector<std::vector<std::vector<int>>> all;
    for (int i = 0; i < layer.outputs; ++i)
        all.push_back(weights(layer, i, inputs, shared_down, units[i] * kPixelFineness));
    for (int first = 0; first < layer.outputs; first += block)
        for (int p = 0; p < simd::kF43.kPoints; ++p)
            for (int input = 0; input < layer.inputs; ++input)
                for (int output = first; output < first + block; ++output)
                    for (int tap = 0; tap < 3; ++tap) {
                        const int weight = all[output][input][3 * p + tap];
                        to.kernel.push_back(pair(weight, weight));
                    }
    return to;
}

QuantizedConvolution quantize(const Convolution& layer, int block, const Quantized& inputs,
                              const Limits* limits) {
    const std::vector<double> units =
        units_of_sums(layer, inputs, shared_both, kFineness, kRoundings);
    QuantizedConvolution to = without_kernel(layer, units, kFineness, limits);
    std::vector<std::vector<std::vector<int>>> all;
    for (int i = 0; i < layer.outputs; ++i)
        all.push_back(weights(layer, i, inputs, shared_both, units[i] * kFineness));
    constexpr int kPoints = simd::kF43.kPoints * simd::kF23.kPoints;
    for (int first = 0; first < layer.outputs; first += block)
        for (int p = 0; p < kPoints; ++p)
            for (int input = 0; input < layer.inputs; input += 2)
                for (int output = first; output < first + block; ++output)
                    to.kernel.push_back(pair(all[output][input][p], all[output][input + 1][p]));
    return to;
}

QuantizedHead quantize_head(const Convolution& layer, const Quantized& inputs) {
    QuantizedHead head = {layer.inputs, {}, {}, layer.bias};
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

simd::IntegerConvolution QuantizedConvolution::view() const {
    return {outputs, kernel.data(), bias.data(), rise.data(), fall.data(), low.data(), high.data()};
}

simd::IntegerHead QuantizedHead::view() const {
    return {inputs, kernel.data(), scale.data(), bias.data()};
}

}  // namespace mtcnn
