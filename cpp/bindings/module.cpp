// Registers the Python module _native. The functions are in the other files of this folder: they
// check their arguments (checks.hpp), release the GIL (gil.hpp) and call the core.
#include <pybind11/pybind11.h>

#include <stdexcept>

#include "bindings/definitions.hpp"
#include "simd/dispatch.hpp"

PYBIND11_MODULE(_native, module, pybind11::mod_gil_not_used()) {
    using namespace mtcnn::bindings;
    try {
        mtcnn::simd::choose();
    } catch (const std::runtime_error& error) {
        throw pybind11::import_error(error.what());
    }
    module.doc() =
        "The C++ core. Boxes are (N, 4) float32, x1 y1 x2 y2, in continuous pixel coordinates: "
        "pixel i\ncovers [i, i + 1). Wrong values and shapes raise ValueError, wrong types and "
        "dtypes TypeError, too\nlittle memory MemoryError. Releases the GIL.";
    define_isas(module);
    define_pyramid(module);
    define_planes(module);
    define_candidates(module);
    define_boxes(module);
    define_nms(module);
    define_selection(module);
    define_assignment(module);
    define_crops(module);
    define_pnet(module);
    define_crop_networks(module);
    define_engine(module);
}
