// Somebody else's pixels: uint8, rows first, three interleaved channels, any distance between rows.
#pragma once
#include <cstddef>
#include <cstdint>

namespace mtcnn {

struct ImageView {
    const std::uint8_t* pixels;
    int height, width;
    std::ptrdiff_t row_stride;  // bytes, negative where the rows run upwards
    bool bgr;                   // channel order: BGR, else RGB
};

}  // namespace mtcnn
