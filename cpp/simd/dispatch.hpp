// Chooses the instruction set once, when the module is imported.
#pragma once
#include <string>
#include <vector>

#include "simd/kernels.hpp"

namespace mtcnn::simd {

constexpr const char* kIsaVariable = "MTCNN_RT_ISA";  // forces an instruction set

// Returns the kernels that this build has and this processor runs, best last.
std::vector<const Kernels*> available();

// Chooses the best kernels, or those that the environment forces. Throws std::runtime_error if
// these are not available.
void choose();

// Returns the chosen kernels.
const Kernels& kernels();

}  // namespace mtcnn::simd
