// Makes networks from the layers that Python gives: (kernel, bias, slopes or None) each.
#pragma once
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/arrays.hpp"
#include "core/arena.hpp"
#include "core/networks/crop_network.hpp"
#include "core/networks/pnet.hpp"

namespace mtcnn::bindings {

using Layers = std::vector<std::tuple<Array<float>, Array<float>, std::optional<Array<float>>>>;

// P-Net's statistics, as in FeatureStatistics of mtcnn_rt/_layers.py: the limits of two layers,
// (2, channels), and the means of the third one, (2, 32).
using Statistics = std::pair<std::vector<Array<float>>, Array<float>>;

// Return a network, or throw py::value_error, which names the layer and the error in it. R-Net's
// and O-Net's weights are in memory of the arena.
PNet to_pnet(const Layers& layers, const std::optional<Statistics>& statistics, bool integers);
CropNetwork to_crop_network(const CropArchitecture& architecture, const Layers& layers,
                            Arena& arena);

}  // namespace mtcnn::bindings
