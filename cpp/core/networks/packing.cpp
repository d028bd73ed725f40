#include "core/networks/packing.hpp"

#include <algorithm>
#include <cstddef>

#include "core/networks/winograd.hpp"

namespace mtcnn {
namespace {

using simd::kPanel;
using simd::padded;

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

// Numbers of a panel's outputs, side by side.
typedef double Outputs __attribute__((vector_size(sizeof(double) * kPanel)));

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

}  // namespace

PackedLayer pack_crop(const Convolution& layer, Arena& arena) {
    const Filter filter = filter_of(simd::kF63);
    return pack(layer, filter.points, 3 * layer.inputs, arena,
                [&](int first, int input, float* out, std::size_t stride) {
                    const auto column = [&](int i) {
                        return taps_of(layer, first + i, input / 3) + input % 3;
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
                    const auto kernel = [&](int i) { return taps_of(layer, first + i, input); };
                    Outputs taps[simd::kMostTaps * simd::kMostTaps];
                    Outputs products[kMostPoints * kMostPoints];
                    load(in_panel(layer.outputs, first), kernel, filter.taps * filter.taps, 1,
                         taps);
                    transform_both(filter, filter, taps, products);
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
