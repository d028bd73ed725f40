#include "core/networks/packing.hpp"

#include <algorithm>

namespace mtcnn {
namespace {

using simd::kPanel;
using simd::padded;

// Packs weight(output, product, input) in panels; the weights of missing outputs are 0.
template <typename Layer, typename Weight>
PackedLayer pack(const Layer& layer, int products, int inputs, const Weight& weight) {
    const int channels = padded(layer.outputs);
    PackedLayer packed = {inputs, simd::panels(layer.outputs), {}, {}, {}};
    packed.weights.resize(std::size_t(channels) * products * inputs);
    float* next = packed.weights.data();
    for (int first = 0; first < channels; first += kPanel)
        for (int product = 0; product < products; ++product)
            for (int input = 0; input < inputs; ++input)
                for (int output = first; output < first + kPanel; ++output)
                    *next++ = output < layer.outputs ? weight(output, product, input) : 0.f;

    packed.bias.assign(channels, 0.f);
    std::copy(layer.bias.begin(), layer.bias.end(), packed.bias.begin());
    packed.bends.assign(channels, 0.f);
    std::transform(layer.slopes.begin(), layer.slopes.end(), packed.bends.begin(),
                   [](float slope) { return slope - 1; });
    return packed;
}

const float* kernel_of(const Convolution& layer, int output, int input) {
    const int size = layer.side * layer.side;
    return layer.kernel.data() + (std::size_t(output) * layer.inputs + input) * size;
}

}  // namespace

PackedLayer pack_crop(const Convolution& layer) {
    const auto weight = [&](int output, int product, int input) {
        const float* kernel = kernel_of(layer, output, input / 3) + input % 3;
        double sum = 0;
        for (int y = 0; y < 3; ++y) sum += simd::kF43.filters[product][y] * kernel[3 * y];
        return static_cast<float>(sum);
    };
    return pack(layer, simd::kCropStripProducts, 3 * layer.inputs, weight);
}

PackedLayer pack_tiles(const Convolution& layer, int map_side) {
    const int taps = layer.side, tile = simd::tile_side(map_side), reach = tile + taps - 1;
    const auto filter = taps == 2   ? simd::kF32.filters
                        : tile == 4 ? simd::kF43.filters
                                    : simd::kF33.filters;
    const auto weight = [&](int output, int product, int input) {
        const float* kernel = kernel_of(layer, output, input);
        const double* vertical = filter[product / reach];
        const double* horizontal = filter[product % reach];
        double sum = 0;
        for (int y = 0; y < taps; ++y)
            for (int x = 0; x < taps; ++x)
                sum += vertical[y] * horizontal[x] * kernel[taps * y + x];
        return static_cast<float>(sum);
    };
    return pack(layer, simd::tile_products(tile, taps), layer.inputs, weight);
}

PackedLayer pack_dense(const Dense& layer, int pixels) {
    const int given = layer.inputs / pixels, channels = padded(given);
    const auto weight = [&](int output, int, int input) {
        const int pixel = input / channels, channel = input % channels;
        const float* kernel = layer.kernel.data() + std::size_t(output) * layer.inputs;
        return channel < given ? kernel[channel * pixels + pixel] : 0.f;
    };
    return pack(layer, 1, pixels * channels, weight);
}

}  // namespace mtcnn
