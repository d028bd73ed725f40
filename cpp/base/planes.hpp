// A view of 8-bit luma and chroma that the core does not own: one chroma value for 2 x 2 pixels
// (4:2:0), those of the last row or column for fewer where a side is odd.
#pragma once
#include <cstddef>
#include <cstdint>

namespace mtcnn {

struct Plane {
    std::uint8_t* values;
    std::ptrdiff_t row_stride;  // bytes, negative if the rows run upwards
};

struct PlanesView {
    Plane luma, u, v;
    int height, width;  // of luma
};

}  // namespace mtcnn
