#pragma once
#include <pybind11/pybind11.h>

namespace mtcnn {

// Adds the classes RNet and ONet.
void bind_crop_networks(pybind11::module_& module);

}  // namespace mtcnn
