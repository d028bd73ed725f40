// Luma and chroma to BGR and back: the coefficients and the rows that kernels take.
#pragma once
#include <cstdint>

namespace mtcnn::simd {

// From luma Y and chroma U, V to a color c: luma Y + offset + of_u (U - 128) + of_v (V - 128), in
// 1 / kColorUnits. Coefficients are such that the upper half of a product of 32 bits is the term:
// luma is multiplied as Y * 2^7, chroma as (U - 128) * 2^8.
struct ColorMatrix {
    std::int16_t luma, offset;
    std::int16_t blue_u, green_u, green_v, red_v;
    // From blue, green, red to luma and chroma, in 1 / kPlaneUnits; the last has the offset and the
    // half for rounding.
    std::int32_t to_luma[4], to_u[4], to_v[4];
};

constexpr int kColorUnits = 1 << 5, kPlaneUnits = 1 << 15;

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
