#include "bindings/layers.hpp"

#include <cmath>
#include <string>

namespace mtcnn::bindings {
namespace {

std::vector<float> values(const Array<float>& array, const std::string& name, const Shape& shape) {
    check(array, name, shape);
    check_finite(array.data(), static_cast<std::size_t>(array.size()), name);
    return {array.data(), array.data() + array.size()};
}

// Returns a Convolution or a Dense, whose first members are `sizes`. A PReLU follows every layer
// but the last.
template <typename Layer, typename... Sizes>
Layer to_layer(const Layers& layers, std::size_t index, const Shape& shape, Sizes... sizes) {
    const auto& [kernel, bias, slopes] = layers[index];
    const std::string name = "layers[" + std::to_string(index) + "] ";
    const bool last = index + 1 == layers.size();
    check(slopes.has_value() != last, name + "slopes: expected " + (last ? "None" : "an array"));
    return {sizes..., values(kernel, name + "kernel", shape),
            values(bias, name + "bias", {shape[0]}),
            slopes ? values(*slopes, name + "slopes", {shape[0]}) : std::vector<float>()};
}

void check_count(const Layers& layers, const char* network, std::size_t count) {
    if (layers.size() != count)
        throw py::value_error("layers: " + std::string(network) + " has " + std::to_string(count) +
                              ", not " + std::to_string(layers.size()));
}

Limits to_limits(const Array<float>& array, py::ssize_t channels) {
    check(array, "limits", {2, channels});
    const float *low = array.data(), *high = low + channels;
    for (py::ssize_t i = 0; i < channels; ++i)
        check(low[i] <= 0 && 0 <= high[i] && std::isfinite(high[i] - low[i]),
              "limits: 0 is not between them");
    return {{low, low + channels}, {high, high + channels}};
}

SumMeans to_means(const Array<float>& array, py::ssize_t channels) {
    check(array, "means", {2, channels});
    const float *below = array.data(), *above = below + channels;
    for (py::ssize_t i = 0; i < 2 * channels; ++i)
        check(below[i] >= 0 && std::isfinite(below[i]), "means: expected numbers from 0 on");
    return {{below, below + channels}, {above, above + channels}};
}

PNet::Statistics to_statistics(const Statistics& given) {
    const auto& [limits, means] = given;
    check(limits.size() == 2, "limits: expected those of two layers");
    return {{to_limits(limits[0], PNet::kShapes[0].outputs),
             to_limits(limits[1], PNet::kShapes[1].outputs)},
            to_means(means, PNet::kShapes[2].outputs)};
}

}  // namespace

PNet to_pnet(const Layers& layers, const std::optional<Statistics>& statistics, bool integers) {
    constexpr auto& kShapes = PNet::kShapes;
    check_count(layers, "P-Net", kShapes.size());
    PNet::Layers converted;
    for (std::size_t i = 0; i < kShapes.size(); ++i) {
        const auto [outputs, inputs, side] = kShapes[i];
        converted[i] =
            to_layer<Convolution>(layers, i, {outputs, inputs, side, side}, outputs, inputs, side);
    }
    check(statistics || !integers, "statistics: integers need them");
    std::optional<PNet::Statistics> known;
    if (statistics) known = to_statistics(*statistics);
    return integers ? PNet::in_integers(converted, *known) : PNet(std::move(converted), known);
}

CropNetwork to_crop_network(const CropArchitecture& architecture, const Layers& layers,
                            Arena& arena) {
    const std::size_t convolutions = architecture.convolutions.size();
    check_count(layers, architecture.name, convolutions + architecture.dense.size());
    CropLayers converted;
    for (std::size_t i = 0; i < convolutions; ++i) {
        const auto [outputs, inputs, side, window] = architecture.convolutions[i];
        converted.convolutions.push_back(
            to_layer<Convolution>(layers, i, {outputs, inputs, side, side}, outputs, inputs, side));
    }
    for (std::size_t i = 0; i < architecture.dense.size(); ++i) {
        const auto [outputs, inputs] = architecture.dense[i];
        converted.dense[i] =
            to_layer<Dense>(layers, convolutions + i, {outputs, inputs}, outputs, inputs);
    }
    return CropNetwork(architecture, converted, arena);
}

}  // namespace mtcnn::bindings
