// Crops for R-Net and O-Net: boxes of the image, resized to the network's input.
#pragma once
#include <cstddef>

#include "core/box.hpp"
#include "core/image.hpp"

namespace mtcnn {

// out (count, 3, size, size), planar RGB: each box averaged to size x size pixels, black outside
// the image. A box that has no area, or sides that are no numbers, is black.
void crops(const ImageView& image, const Box* boxes, std::size_t count, int size, float* out);

}  // namespace mtcnn
