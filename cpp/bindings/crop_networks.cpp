#include "bindings/crop_networks.hpp"

#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "bindings/arrays.hpp"
#include "bindings/workspaces.hpp"
#include "core/networks/crop_network.hpp"

namespace mtcnn {
namespace {

// Kernel, bias and, where a PReLU follows, its slopes.
using LayerArrays = std::tuple<Array<float>, Array<float>, std::optional<Array<float>>>;

std::vector<float> values(const Array<float>& array) {
    return {array.data(), array.data() + array.size()};
}

// A Convolution or a Dense, whose first members `sizes` are, after its arrays have been checked.
template <typename Layer, typename... Sizes>
Layer to_layer(const LayerArrays& arrays, const std::string& name, const Shape& shape,
               Sizes... sizes) {
    const auto& [kernel, bias, slopes] = arrays;
    check(kernel, (name + " kernel").c_str(), shape);
    check(bias, (name + " bias").c_str(), {shape[0]});
    if (slopes) check(*slopes, (name + " slopes").c_str(), {shape[0]});
    return {sizes..., values(kernel), values(bias),
            slopes ? values(*slopes) : std::vector<float>()};
}

CropLayers to_layers(const CropArchitecture& architecture, const std::vector<LayerArrays>& arrays) {
    const std::size_t convolutions = architecture.convolutions.size();
    const std::size_t count = convolutions + architecture.dense.size();
    if (arrays.size() != count)
        throw py::value_error("layers: " + std::string(architecture.name) + " has " +
                              std::to_string(count) + ", not " + std::to_string(arrays.size()));
    const auto name = [](std::size_t i) { return "layers[" + std::to_string(i) + "]"; };
    CropLayers layers;
    for (std::size_t i = 0; i < convolutions; ++i) {
        const auto [outputs, inputs, side, window] = architecture.convolutions[i];
        layers.convolutions.push_back(to_layer<Convolution>(
            arrays[i], name(i), {outputs, inputs, side, side}, outputs, inputs, side));
    }
    for (std::size_t i = 0; i < architecture.dense.size(); ++i) {
        const auto [outputs, inputs] = architecture.dense[i];
        layers.dense[i] = to_layer<Dense>(arrays[convolutions + i], name(convolutions + i),
                                          {outputs, inputs}, outputs, inputs);
    }
    return layers;
}

// A class for every architecture.
template <const CropArchitecture& kArchitecture>
class BoundNetwork {
  public:
    explicit BoundNetwork(const std::vector<LayerArrays>& layers)
        : network_(kArchitecture, to_layers(kArchitecture, layers)) {}

    Array<float> run(const Array<float>& crops) {
        check(crops, "crops", {kAny, 3, network_.side(), network_.side()});
        const float* from = crops.data();
        return outputs(crops.shape(0), [&](std::size_t count, CropWorkspace& workspace, float* to) {
            network_.run(from, count, workspace, to);
        });
    }

    Array<float> classify(const py::array_t<std::uint8_t>& image, bool bgr,
                          const Array<float>& boxes) {
        const ImageView pixels = view(image, bgr);
        check(boxes, "boxes", {kAny, 4});
        const Box* box = rows<Box>(boxes);
        return outputs(boxes.shape(0), [&](std::size_t count, CropWorkspace& workspace, float* to) {
            network_.classify(pixels, box, count, workspace, to);
        });
    }

  private:
    // (count, outputs), filled by fill(count, workspace, outputs) without the GIL.
    template <typename Fill>
    Array<float> outputs(py::ssize_t count, const Fill& fill) {
        Array<float> out({count, py::ssize_t{network_.outputs()}});
        float* to = out.mutable_data();
        py::gil_scoped_release release;
        workspaces_.with([&](CropWorkspace& workspace) {
            fill(static_cast<std::size_t>(count), workspace, to);
        });
        return out;
    }

    CropNetwork network_;
    Workspaces<CropWorkspace> workspaces_;
};

template <const CropArchitecture& kArchitecture>
void bind(py::module_& module, const char* name) {
    using namespace py::literals;
    using Network = BoundNetwork<kArchitecture>;
    py::class_<Network>(module, name)
        .def(py::init<const std::vector<LayerArrays>&>(), "layers"_a)
        .def("run", &Network::run, "crops"_a)
        .def("classify", &Network::classify, py::arg("image").noconvert(), "bgr"_a, "boxes"_a);
}

}  // namespace

void bind_crop_networks(py::module_& module) {
    bind<kRNet>(module, "RNet");
    bind<kONet>(module, "ONet");
}

}  // namespace mtcnn
