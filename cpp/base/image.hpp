// A view of pixels that the core does not own: uint8, (height, width, 3), rows at any distance.
#pragma once
#include <cstddef>
#include <cstdint>

namespace mtcnn {

struct ImageView {
    const std::uint8_t* pixels;
    int height, width;
    std::ptrdiff_t row_stride;  // bytes, negative if the rows run upwards
    bool bgr;                   // true: the channels are BGR; false: RGB
};

}  // namespace mtcnn
