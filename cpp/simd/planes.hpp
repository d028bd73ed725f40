// Luma and chroma to BGR and back: the coefficients and the rows that kernels take.
#pragma once
#include <cstdint>

namespace mtcnn::simd {

// From luma Y and chroma U, V to a color c: luma (Y - black) + of_u (U - 128) + of_v (V - 128),
// each term rounded down, as FFmpeg's swscale does it on x86, so that faces are found at the same
// places in its images. Differences are multiplied by kDifferenceUnits, and coefficients are in 1 /
// (2^16 / kDifferenceUnits): the upper half of a product of 32 bits is the term.
struct ColorMatrix {
    std::int16_t luma, black;
    std::int16_t blue_u, green_u, green_v, red_v;
    // From blue, green, red to luma and chroma, in 1 / kPlaneUnits; the last has the offset and the
    // half for rounding.
    std::int32_t to_luma[4], to_u[4], to_v[4];
};

constexpr int kDifferenceUnits = 1 << 3, kPlaneUnits = 1 << 15;

// Pixels of a row that begins with an even column.
struct PlanarRow {
    const std::uint8_t *luma, *u, *v;
};

// Two rows, of which the first has an even number, with the chroma that they share. They are the
// same row where there is no second one.
struct PlanarRowPair {
    std::uint8_t *luma[2], *u, *v;
};

}  // namespace mtcnn::simd
