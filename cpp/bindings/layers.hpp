// Layers of a network from Python: (kernel, bias, slopes or None) each.
#pragma once
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "bindings/arrays.hpp"
#include "core/networks/layers.hpp"

namespace mtcnn::bindings {

using Layer = std::tuple<Array<float>, Array<float>, std::optional<Array<float>>>;

inline std::vector<float> values(const Array<float>& array, const std::string& name,
                                 const Shape& shape) {
    check(array, name.c_str(), shape);
    return {array.data(), array.data() + array.size()};
}

// The layer that `name` is to name in an error.
inline Convolution convolution(const Layer& layer, const std::string& name, int outputs, int inputs,
                               int side, bool has_slopes) {
    const auto& [kernel, bias, slopes] = layer;
    check(slopes.has_value() == has_slopes,
          (name + " slopes: expected " + (has_slopes ? "an array" : "None")).c_str());
    return {outputs,
            inputs,
            side,
            values(kernel, name + " kernel", {outputs, inputs, side, side}),
            values(bias, name + " bias", {outputs}),
            has_slopes ? values(*slopes, name + " slopes", {outputs}) : std::vector<float>()};
}

}  // namespace mtcnn::bindings
