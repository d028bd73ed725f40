#include "core/networks/winograd.hpp"

#include <algorithm>
#include <array>

namespace mtcnn {
namespace {

constexpr Filter kDown = filter_of(simd::kF43), kAlong = filter_of(simd::kF23);

std::array<double, 9> as_doubles(const float* taps) {
    std::array<double, 9> numbers;
    std::copy_n(taps, numbers.size(), numbers.begin());
    return numbers;
}

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
    const std::size_t size = layer.side * layer.side;
    return layer.kernel.data() + (std::size_t(output) * layer.inputs + input) * size;
}

std::vector<double> transform_down(const float* taps) {
    std::vector<double> points(kDown.points * kDown.taps);
    transform_down(kDown, as_doubles(taps).data(), points.data());
    return points;
}

std::vector<double> transform_both(const float* taps) {
    std::vector<double> points(kDown.points * kAlong.points);
    transform_both(kDown, kAlong, as_doubles(taps).data(), points.data());
    return points;
}

std::vector<float> kernel_down(const Convolution& layer, int block) {
    return by_point(layer, block, 3, [](const float* taps) { return transform_down(taps); });
}

std::vector<float> kernel_both(const Convolution& layer, int block) {
    return by_point(layer, block, 1, [](const float* taps) { return transform_both(taps); });
}

}  // namespace mtcnn
