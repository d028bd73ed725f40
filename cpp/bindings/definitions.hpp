// The parts of the Python module, a file each: every function adds names to the module, which
// src/mtcnn_rt/_native.pyi lists.
#pragma once
#include <pybind11/pybind11.h>

namespace mtcnn::bindings {

void define_isas(pybind11::module_& module);
void define_pyramid(pybind11::module_& module);
void define_planes(pybind11::module_& module);
void define_candidates(pybind11::module_& module);
void define_boxes(pybind11::module_& module);
void define_nms(pybind11::module_& module);
void define_selection(pybind11::module_& module);
void define_assignment(pybind11::module_& module);
void define_crops(pybind11::module_& module);
void define_pnet(pybind11::module_& module);
void define_crop_networks(pybind11::module_& module);
void define_engine(pybind11::module_& module);

// Marks an argument that must not be converted: a copy of a frame, or of an array to be filled,
// would go unnoticed.
inline pybind11::arg as_is(const char* name) { return pybind11::arg(name).noconvert(); }

}  // namespace mtcnn::bindings
