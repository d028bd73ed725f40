// The networks, each by itself, and the engine that has all three, as Python classes.
#pragma once
#include <pybind11/pybind11.h>

namespace mtcnn::bindings {

void define_pnet(pybind11::module_& module);
void define_crop_networks(pybind11::module_& module);
void define_engine(pybind11::module_& module);

}  // namespace mtcnn::bindings
