#include "core/networks/packing.hpp"

#include <algorithm>
#include <cstddef>

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

// The transform of a filter's taps: sums of the taps times factors, (products, taps).
struct Transform {
    int products, taps;
    std::vector<double> factors;

    // Sets the weights of an input, as `fill` of pack does. kernel_of(output): its taps, `step`
    // apart. The outputs lie side by side, so that the compiler's vectors hold several. Not
    // inlined: the linker's optimizer would make a fifth more instructions of it, or not, as the
    // rest of the module happens to be.
    template <typename KernelOf>
    [[gnu::noinline]] void fill(int outputs, const KernelOf& kernel_of, int step, float* out,
                                std::size_t stride) const {
        constexpr int kMostTaps = 9;
        double values[kMostTaps][kPanel] = {};
        for (int output = 0; output < outputs; ++output) {
            const float* kernel = kernel_of(output);
            for (int tap = 0; tap < taps; ++tap) values[tap][output] = kernel[tap * step];
        }
        const double* factor = factors.data();
        for (int product = 0; product < products; ++product, out += stride) {
            double sums[kPanel] = {};
            for (int tap = 0; tap < taps; ++tap, ++factor)
                for (int i = 0; i < kPanel; ++i) sums[i] += *factor * values[tap][i];
            for (int i = 0; i < kPanel; ++i) out[i] = static_cast<float>(sums[i]);
        }
    }
};

int in_panel(int outputs, int first) { return std::min(outputs - first, kPanel); }

// Returns the first tap of a filter.
const float* kernel_of(const Convolution& layer, int output, int input) {
    const int size = layer.side * layer.side;
    return layer.kernel.data() + (std::size_t(output) * layer.inputs + input) * size;
}

}  // namespace

PackedLayer pack_crop(const Convolution& layer, Arena& arena) {
    Transform down = {simd::kCropStripProducts, 3, {}};
    for (const auto& filter : simd::kF63.filters)
        down.factors.insert(down.factors.end(), std::begin(filter), std::end(filter));
    return pack(layer, down.products, 3 * layer.inputs, arena,
                [&](int first, int input, float* out, std::size_t stride) {
                    const auto column = [&](int i) {
                        return kernel_of(layer, first + i, input / 3) + input % 3;
                    };
                    down.fill(in_panel(layer.outputs, first), column, 3, out, stride);
                });
}

PackedLayer pack_tiles(const Convolution& layer, int map_side, Arena& arena) {
    const int taps = layer.side, tile = simd::tile_side(map_side, taps), reach = tile + taps - 1;
    const auto filter = taps == 2   ? simd::kF32.filters
                        : tile == 4 ? simd::kF43.filters
                        : tile == 5 ? simd::kF53.filters
                                    : simd::kF63.filters;
    Transform both = {simd::tile_products(tile, taps), taps * taps, {}};
    for (int product = 0; product < both.products; ++product)
        for (int y = 0; y < taps; ++y)
            for (int x = 0; x < taps; ++x)
                both.factors.push_back(filter[product / reach][y] * filter[product % reach][x]);
    return pack(layer, both.products, layer.inputs, arena,
                [&](int first, int input, float* out, std::size_t stride) {
                    const auto kernel = [&](int i) { return kernel_of(layer, first + i, input); };
                    both.fill(in_panel(layer.outputs, first), kernel, 1, out, stride);
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
