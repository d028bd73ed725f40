// Winograd's minimal filtering F(m, 3) in one dimension: m outputs of a filter of three from m + 2
// inputs with m + 2 multiplications, y = A^T [(G g) * (B^T d)]. G is in core/networks/packing.cpp.
//
// F(3, 3), interpolation at 0, 1, -1, 2:       F(4, 3), at 0, 1, -1, 2, -2:
//       |2 -1 -2  1  0|                              |4  0 -5  0  1  0|
//       |0 -2 -1  1  0|         |1 1  1 1 0|         |0 -4 -4  1  1  0|         |1 1  1 1  1 0|
// B^T = |0  2 -3  1  0|   A^T = |0 1 -1 2 0|   B^T = |0  4 -4 -1  1  0|   A^T = |0 1 -1 2 -2 0|
//       |0 -1  0  1  0|         |0 1  1 4 1|         |0 -2 -1  2  1  0|         |0 1  1 4  4 0|
//       |0  2 -1 -2  1|                              |0  2 -1 -2  1  0|         |0 1 -1 8 -8 1|
//                                                    |0  4  0 -5  0  1|
#pragma once
#include "simd/layer.hpp"
#include "simd/vector.hpp"

namespace mtcnn::simd::MTCNN_ISA {

// The product of interpolation point 1 goes into all outputs alike: a bias need only be added to
// it.
constexpr int kConstantProduct = 1;

// B^T d for 5 inputs.
[[gnu::always_inline]] inline void transform_inputs(const Vector (&d)[5], Vector (&t)[5]) {
    const Vector d31 = d[3] - d[1], d32 = d[3] - d[2];
    t[0] = d31 + 2 * (d[0] - d[2]);
    t[1] = d32 - 2 * d[1];
    t[2] = d32 + 2 * (d[1] - d[2]);
    t[3] = d31;
    t[4] = (d[4] - d[2]) - 2 * d31;
}

// A^T m for 5 products.
[[gnu::always_inline]] inline void transform_outputs(const Vector (&m)[5], Vector (&y)[3]) {
    const Vector sum = m[1] + m[2], difference = m[1] - m[2];
    y[0] = (m[0] + m[3]) + sum;
    y[1] = difference + 2 * m[3];
    y[2] = (sum + m[4]) + 4 * m[3];
}

// B^T d for 6 inputs.
[[gnu::always_inline]] inline void transform_inputs(const Vector (&d)[6], Vector (&t)[6]) {
    const Vector d42 = d[4] - d[2], d31 = d[3] - d[1];
    const Vector even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1];
    t[0] = d42 + 4 * (d[0] - d[2]);
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = d42 + 2 * d31;
    t[4] = d42 - 2 * d31;
    t[5] = (d[5] - d[3]) - 4 * d31;
}

// A^T m for 6 products.
[[gnu::always_inline]] inline void transform_outputs(const Vector (&m)[6], Vector (&y)[4]) {
    const Vector sum1 = m[1] + m[2], difference1 = m[1] - m[2];
    const Vector sum2 = m[3] + m[4], difference2 = m[3] - m[4];
    y[0] = (m[0] + sum1) + sum2;
    y[1] = difference1 + 2 * difference2;
    y[2] = sum1 + 4 * sum2;
    y[3] = (difference1 + m[5]) + 8 * difference2;
}

}  // namespace mtcnn::simd::MTCNN_ISA
