// The kernels of one instruction set, a source each; table.cpp puts them into its table.
#pragma once
#include "simd/kernels.hpp"

namespace mtcnn::simd::MTCNN_ISA {

void resample(const ImageView& image, Axis rows, Axis columns, float* line, float* out);
bool overlaps(const BoxBlock& block, const Box& box, float threshold, Overlap over);

extern const Kernels kernels;

}  // namespace mtcnn::simd::MTCNN_ISA
