// Crops for R-Net and O-Net: boxes of the image, resized to the network's input.
#pragma once
#include <cstddef>

#include "base/box.hpp"
#include "base/image.hpp"
#include "core/resample.hpp"

namespace mtcnn {

// Cuts one crop after another; it allocates only when it must grow.
class Cropper {
  public:
    // out (3, size, size), planar RGB: the box averaged to size x size pixels, black outside the
    // image. A box that has no area, or sides that are no numbers, is black.
    void crop(const ImageView& image, const Box& box, int size, float* out);

  private:
    Resampler resampler_;
};

// out (count, 3, size, size): a crop of each box.
void crops(const ImageView& image, const Box* boxes, std::size_t count, int size, float* out);

}  // namespace mtcnn
