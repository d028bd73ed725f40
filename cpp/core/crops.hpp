// Crops for R-Net and O-Net: boxes of the image, resized to the network's input size.
#pragma once
#include <cstddef>

#include "base/box.hpp"
#include "base/image.hpp"
#include "core/resample.hpp"

namespace mtcnn {

// Cuts one crop after another. Allocates only when it must grow.
class Cropper {
  public:
    // Fills out (3, size, size), planar RGB, 0 to 255, with the box averaged to size x size pixels;
    // black outside the image. A box without area, or with sides that are not numbers, is black.
    // The box is a copy: other Python threads may change the array while this one uses the box.
    void crop(const ImageView& image, Box box, int size, float* out);

  private:
    Resampler resampler_;
};

// Fills out (count, 3, size, size) with a crop of each box.
void crops(const ImageView& image, const Box* boxes, std::size_t count, int size, float* out);

}  // namespace mtcnn
