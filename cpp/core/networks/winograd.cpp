#include "core/networks/winograd.hpp"

#include "simd/winograd.hpp"

namespace mtcnn {
namespace {

using simd::kF23;
using simd::kF43;

// Returns (outputs / block, points, inputs, block, size): for every point, `size` numbers of the
// transformed taps of every input and output.
template <typename Transform>
std::vector<float> by_point(const Convolution& layer, int block, int size,
                            const Transform& transform) {
    std::vector<std::vector<double>> all;  // [output, input][point, of size numbers]
    for (int output = 0; output < layer.outputs; ++output)
        for (int input = 0; input < layer.inputs; ++input)
            all.push_back(transform(taps_of(layer, output, input)));
    std::vector<float> kernel;
    for (int first = 0; first < layer.outputs; first += block)
        for (std::size_t point = 0; point < all[0].size(); point += size)
            for (int input = 0; input < layer.inputs; ++input)
                for (int output = first; output < first + block; ++output)
                    for (int i = 0; i < size; ++i)
                        kernel.push_back(
                            static_cast<float>(all[output * layer.inputs + input][point + i]));
    return kernel;
}

}  // namespace

const float* taps_of(const Convolution& layer, int output, int input) {
    return layer.kernel.data() + 9 * (output * layer.inputs + input);
}

std::vector<double> transform_down(const float* taps) {
    std::vector<double> factors;
    for (const auto& g : kF43.filters)
        for (int x = 0; x < 3; ++x)
            factors.push_back(g[0] * taps[x] + g[1] * taps[3 + x] + g[2] * taps[6 + x]);
    return factors;
}

std::vector<double> transform_both(const float* taps) {
    std::vector<double> factors;
    const std::vector<double> down = transform_down(taps);
    for (std::size_t p = 0; p < down.size(); p += 3)
        for (const auto& h : kF23.filters) {
            double sum = 0;
            for (int x = 0; x < 3; ++x) sum += h[x] * down[p + x];
            factors.push_back(sum);
        }
    return factors;
}

std::vector<float> kernel_down(const Convolution& layer, int block) {
    return by_point(layer, block, 3, transform_down);
}

std::vector<float> kernel_both(const Convolution& layer, int block) {
    return by_point(layer, block, 1, transform_both);
}

}  // namespace mtcnn
