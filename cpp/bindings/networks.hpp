// The networks as Python classes.
#pragma once
#include <pybind11/pybind11.h>

namespace mtcnn::bindings {

void define_pnet(pybind11::module_& module);

}  // namespace mtcnn::bindings
