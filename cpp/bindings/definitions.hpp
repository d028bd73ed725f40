// The parts of the Python module, a file each: every function adds names to the module.
#pragma once
#include <pybind11/pybind11.h>

namespace mtcnn::bindings {

void define_isas(pybind11::module_& module);  // isa, isas
void define_pyramid(
    pybind11::module_& module);                 // CELL, STRIDE, check_size, pyramid, Halves, resize
void define_planes(pybind11::module_& module);  // Planes
void define_candidates(pybind11::module_& module);  // candidates, accept
void define_boxes(pybind11::module_& module);       // calibrate, square, clip, place
void define_nms(pybind11::module_& module);         // overlaps, Nms
// LARGEST_LOGIT, as_logits, as_probabilities, fuse, unsettled, Selection
void define_selection(pybind11::module_& module);
void define_assignment(pybind11::module_& module);     // assign
void define_crops(pybind11::module_& module);          // crops
void define_pnet(pybind11::module_& module);           // PNet
void define_crop_networks(pybind11::module_& module);  // RNet, ONet
void define_engine(pybind11::module_& module);         // Engine

// Marks an argument that must not be converted: a copy of a frame, or of an array to be filled,
// would go unnoticed.
inline pybind11::arg as_is(const char* name) { return pybind11::arg(name).noconvert(); }

}  // namespace mtcnn::bindings
