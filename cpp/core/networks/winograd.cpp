#include "core/networks/winograd.hpp"

#include "core/networks/filters.hpp"

namespace mtcnn {
namespace {

// Tap x of what a row of G makes of the columns of a 3 x 3 kernel.
double down(const Taps& g, const float* kernel, int x) {
    return g[0] * kernel[x] + g[1] * kernel[3 + x] + g[2] * kernel[6 + x];
}

const float* kernel_of(const Convolution& layer, int output, int input) {
    return layer.kernel.data() + 9 * (output * layer.inputs + input);
}

}  // namespace

std::vector<float> transform_columns(const Convolution& layer, int block) {
    std::vector<float> transformed;
    for (int first = 0; first < layer.outputs; first += block)
        for (const Taps& g : kFilters4)
            for (int input = 0; input < layer.inputs; ++input)
                for (int output = first; output < first + block; ++output)
                    for (int x = 0; x < 3; ++x)
                        transformed.push_back(
                            static_cast<float>(down(g, kernel_of(layer, output, input), x)));
    return transformed;
}

std::vector<float> transform_both(const Convolution& layer, int block) {
    std::vector<float> transformed;
    const auto append = [&](const Taps& g, const Taps& h, const float* kernel) {
        double sum = 0;
        for (int x = 0; x < 3; ++x) sum += h[x] * down(g, kernel, x);
        transformed.push_back(static_cast<float>(sum));
    };
    for (int first = 0; first < layer.outputs; first += block)
        for (const Taps& g : kFilters4)
            for (const Taps& h : kFilters2)
                for (int input = 0; input < layer.inputs; ++input)
                    for (int output = first; output < first + block; ++output)
                        append(g, h, kernel_of(layer, output, input));
    return transformed;
}

}  // namespace mtcnn
