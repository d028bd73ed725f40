// The instruction sets of this machine.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>
#include <vector>

#include "bindings/definitions.hpp"
#include "simd/dispatch.hpp"

namespace mtcnn::bindings {
namespace {

const char* isa() { return simd::kernels().isa; }

std::vector<std::string> isas() {
    std::vector<std::string> names;
    for (const simd::Kernels* set : simd::available()) names.emplace_back(set->isa);
    return names;
}

}  // namespace

void define_isas(pybind11::module_& module) {
    module.def("isa", isa,
               "Returns the instruction set in use, a str: the best of isas(), or the one that\n"
               "MTCNN_RT_ISA forced at import.");
    module.def("isas", isas,
               "Returns the instruction sets of this machine that the package was built for, a\n"
               "list of str, best last.");
}

}  // namespace mtcnn::bindings
