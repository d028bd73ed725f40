// Frames of a decoder as it gives them, luma and chroma (ITU-T H.273): parts of them as BGR, and
// back after something was painted.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/planes.hpp"
#include "simd/planes.hpp"

namespace mtcnn {

// Returns the coefficients for a matrix of H.273, which is given by its weights of red and blue in
// luma. Luma is 0 to 255 in the full range, else 16 to 235, with chroma 16 to 240.
simd::ColorMatrix color_matrix(double red, double blue, bool full_range);

// Rows [top, bottom) and columns [left, right), within the image and not empty.
struct Area {
    int top, bottom, left, right;
};

// Returns the area that has all of the chroma of an area: with even borders, or those of the image.
Area with_chroma(Area area, const PlanesView& planes);

// Fills an area of a BGR image (height, width, 3) of the planes' size, every `step`-th row of it.
void to_bgr(const PlanesView& planes, const simd::ColorMatrix& matrix, Area area, int step,
            std::uint8_t* image, std::ptrdiff_t row_stride);

// Gives an area of the planes the colors of a BGR image of their size. The area must be one of
// with_chroma. Values of pixels whose color is that already do not change, see simd/kernels.hpp.
void from_bgr(const std::uint8_t* image, std::ptrdiff_t row_stride, const simd::ColorMatrix& matrix,
              Area area, const PlanesView& planes);

}  // namespace mtcnn
