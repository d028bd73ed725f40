#include "core/networks/packing.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace mtcnn {
namespace {

using simd::kPanel;
using simd::padded;

constexpr int kMostPoints = simd::kF63.kPoints;

// Packs a layer in panels. fill(first, input, out, stride) sets the weights of an input, for the
// outputs of a panel from `first` on: kPanel for each product, `stride` floats apart.
template <typename Layer, typename Fill>
PackedLayer pack(const Layer& layer, int products, int inputs, Arena& arena, const Fill& fill) {
    const int channels = padded(layer.outputs);
    const std::size_t stride = std::size_t(inputs) * kPanel;
    const std::shared_ptr<float> weights = arena.take(channels / kPanel * products * stride);
    float* panel = weights.get();
    for (int first = 0; first < channels; first += kPanel, panel += products * stride)
        for (int input = 0; input < inputs; ++input)
            fill(first, input, panel + std::size_t(input) * kPanel, stride);

    PackedLayer packed = {inputs, simd::panels(layer.outputs), weights, {}, {}};
    packed.bias.assign(channels, 0.f);
    std::copy(layer.bias.begin(), layer.bias.end(), packed.bias.begin());
    packed.bends.assign(channels, 0.f);
    std::transform(layer.slopes.begin(), layer.slopes.end(), packed.bends.begin(),
                   [](float slope) { return slope - 1; });
    return packed;
}

// Numbers of a panel's outputs, side by side, so that the compiler's vectors hold several.
using Outputs = std::array<double, kPanel>;

// Winograd's transform of taps: G of simd/winograd.hpp, (points, taps).
struct Filter {
    const double (*factors)[simd::kMostTaps];
    int points, taps;
};

template <int kOutputs, int kTaps>
Filter filter_of(const simd::Filtering<kOutputs, kTaps>& filtering) {
    return {filtering.filters, filtering.kPoints, kTaps};
}

// Computes the points of taps that are `step` apart, `point_step` apart.
void transform(const Filter& filter, const Outputs* taps, int step, Outputs* points,
               int point_step) {
    for (int p = 0; p < filter.points; ++p) {
        Outputs sum = {};
        for (int tap = 0; tap < filter.taps; ++tap)
            for (int i = 0; i < kPanel; ++i) sum[i] += filter.factors[p][tap] * taps[tap * step][i];
        points[p * point_step] = sum;
    }
}

// Computes (points, points) of taps (taps, taps).
void transform_both(const Filter& filter, const Outputs* taps, Outputs* points) {
    Outputs down[kMostPoints * simd::kMostTaps];  // (points, taps)
    for (int x = 0; x < filter.taps; ++x)
        transform(filter, taps + x, filter.taps, down + x, filter.taps);
    for (int p = 0; p < filter.points; ++p)
        transform(filter, down + p * filter.taps, 1, points + p * filter.points, 1);
}

// Sets the weights of an input, as `fill` of pack does.
void store(const Outputs* products, int count, float* out, std::size_t stride) {
    for (int product = 0; product < count; ++product, out += stride)
        for (int i = 0; i < kPanel; ++i) out[i] = static_cast<float>(products[product][i]);
}

// Reads `count` numbers, `step` apart, of each output of a panel; kernel_of(output) is the first.
template <typename KernelOf>
void load(int outputs, const KernelOf& kernel_of, int count, int step, Outputs* taps) {
    std::fill_n(taps, count, Outputs{});
    for (int output = 0; output < outputs; ++output) {
        const float* kernel = kernel_of(output);
        for (int tap = 0; tap < count; ++tap) taps[tap][output] = kernel[tap * step];
    }
}

int in_panel(int outputs, int first) { return std::min(outputs - first, kPanel); }

// Returns the first tap of a filter.
const float* kernel_of(const Convolution& layer, int output, int input) {
    const int size = layer.side * layer.side;
    return layer.kernel.data() + (std::size_t(output) * layer.inputs + input) * size;
}

}  // namespace

PackedLayer pack_crop(const Convolution& layer, Arena& arena) {
    const Filter filter = filter_of(simd::kF63);
    return pack(layer, filter.points, 3 * layer.inputs, arena,
                [&](int first, int input, float* out, std::size_t stride) {
                    const auto column = [&](int i) {
                        return kernel_of(layer, first + i, input / 3) + input % 3;
                    };
                    Outputs taps[simd::kMostTaps], products[kMostPoints];
                    load(in_panel(layer.outputs, first), column, filter.taps, 3, taps);
                    transform(filter, taps, 1, products, 1);
                    store(products, filter.points, out, stride);
                });
}

PackedLayer pack_tiles(const Convolution& layer, int map_side, Arena& arena) {
    const int tile = simd::tile_side(map_side, layer.side);
    const Filter filter = layer.side == 2 ? filter_of(simd::kF32)
                          : tile == 4     ? filter_of(simd::kF43)
                          : tile == 5     ? filter_of(simd::kF53)
                                          : filter_of(simd::kF63);
    return pack(layer, filter.points * filter.points, layer.inputs, arena,
                [&](int first, int input, float* out, std::size_t stride) {
                    const auto kernel = [&](int i) { return kernel_of(layer, first + i, input); };
                    Outputs taps[simd::kMostTaps * simd::kMostTaps];
                    Outputs products[kMostPoints * kMostPoints];
                    load(in_panel(layer.outputs, first), kernel, filter.taps * filter.taps, 1,
                         taps);
                    transform_both(filter, taps, products);
                    store(products, filter.points * filter.points, out, stride);
                });
}

PackedLayer pack_dense(const Dense& layer, int pixels, Arena& arena) {
    const int given = layer.inputs / pixels, channels = padded(given);
    return pack(
        layer, 1, pixels * channels, arena, [&](int first, int input, float* out, std::size_t) {
            const int pixel = input / channels, channel = input % channels;
            const int outputs = channel < given ? in_panel(layer.outputs, first) : 0;
            const float* kernel =
                layer.kernel.data() + std::size_t(first) * layer.inputs + channel * pixels + pixel;
            for (int i = 0; i < outputs; ++i) out[i] = kernel[i * layer.inputs];
            std::fill(out + outputs, out + kPanel, 0.f);
        });
}

}  // namespace mtcnn
