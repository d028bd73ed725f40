// Chooses the instruction set, once, when the module is imported.
#pragma once
#include <string>
#include <vector>

#include "simd/kernels.hpp"

namespace mtcnn::simd {

constexpr const char* kIsaVariable = "MTCNN_RT_ISA";  // forces an instruction set

// Those that this build has and this processor runs, best last.
std::vector<const Kernels*> available();

// Chooses the best, or the one that the environment forces.
// Throws std::runtime_error where that one is not available.
void choose();

// The chosen one.
const Kernels& kernels();

}  // namespace mtcnn::simd
