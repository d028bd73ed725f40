// Networks from the layers that Python gives: (kernel, bias, slopes or None) each.
#pragma once
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>
#include <tuple>
#include <vector>

#include "bindings/arrays.hpp"
#include "core/networks/crop_network.hpp"
#include "core/networks/pnet.hpp"

namespace mtcnn::bindings {

using Layers = std::vector<std::tuple<Array<float>, Array<float>, std::optional<Array<float>>>>;

// The least and the largest features of the channels of P-Net's first two layers, (2, channels).
using FeatureLimits = std::vector<Array<float>>;

// They throw py::value_error that names the layer and what is wrong with it.
// With limits, P-Net is in integers.
PNet to_pnet(const Layers& layers, const std::optional<FeatureLimits>& limits);
CropNetwork to_crop_network(const CropArchitecture& architecture, const Layers& layers);

}  // namespace mtcnn::bindings
