// Winograd's minimal filtering (Lavin and Gray, arXiv 1509.09308): m outputs of a filter of r taps
// from m + r - 1 products instead of m r. With inputs d, taps g and outputs y:
//
//   y = A^T ((G g) * (B^T d)),  * element by element.
//
// F(2, 3), interpolation at 0, 1, -1:
//         1  0 -1  0           1    0    0
//   B^T = 0  1  1  0      G = 1/2  1/2  1/2      A^T = 1  1  1  0
//         0 -1  1  0          1/2 -1/2  1/2            0  1 -1 -1
//         0  1  0 -1           0    0    1
//
// F(3, 2), the same points and the same B^T:
//
//          1    0
//   G =   1/2  1/2          1  1  1  0
//         1/2 -1/2    A^T = 0  1 -1  0
//          0    1           0  1  1 -1
//
// F(3, 3), at 0, 1, -1, 2:
//         2 -1 -2  1  0          1/2    0    0
//         0 -2 -1  1  0         -1/2 -1/2 -1/2         1  1  1  1  0
//   B^T = 0  2 -3  1  0     G = -1/6  1/6 -1/6   A^T = 0  1 -1  2  0
//         0 -1  0  1  0          1/6  1/3  2/3         0  1  1  4  1
//         0  2 -1 -2  1           0    0    1
//
// F(4, 3), at 0, 1, -1, 2, -2:
//         4  0 -5  0  1  0          1/4    0     0
//         0 -4 -4  1  1  0         -1/6  -1/6  -1/6           1  1  1  1  1  0
//   B^T = 0  4 -4 -1  1  0     G = -1/6   1/6  -1/6     A^T = 0  1 -1  2 -2  0
//         0 -2 -1  2  1  0         1/24  1/12   1/6           0  1  1  4  4  0
//         0  2 -1 -2  1  0         1/24 -1/12   1/6           0  1 -1  8 -8  1
//         0  4  0 -5  0  1           0     0     1
#pragma once
#include "kernels/vector.hpp"

namespace mtcnn::simd::MTCNN_ISA {

// The product of interpolation point 1 goes into all outputs alike, the column of ones in A^T: a
// bias need only be added to it.
constexpr int kBiasPoint = 1;

// The transforms are of vectors V of any kind of numbers.

// One row of B^T d of F(2, 3). The inputs of a tile are its two columns, even[0] and odd[0], and
// those of the next, even[1] and odd[1].
template <typename V, int kPoint, typename T>
inline V transform_inputs_2(const T* even, const T* odd) {
    if constexpr (kPoint == 0) return load<V>(even) - load<V>(even + 1);
    if constexpr (kPoint == 1) return load<V>(even + 1) + load<V>(odd);
    if constexpr (kPoint == 2) return load<V>(even + 1) - load<V>(odd);
    if constexpr (kPoint == 3) return load<V>(odd) - load<V>(odd + 1);
}

// B^T d of F(3, 2), F(3, 3) and F(4, 3).
template <typename V>
[[gnu::always_inline]] inline void transform_inputs(const V (&d)[4], V (&t)[4]) {
    t[0] = d[0] - d[2];
    t[1] = d[2] + d[1];
    t[2] = d[2] - d[1];
    t[3] = d[1] - d[3];
}

template <typename V>
[[gnu::always_inline]] inline void transform_inputs(const V (&d)[5], V (&t)[5]) {
    const V d31 = d[3] - d[1], d32 = d[3] - d[2];
    t[0] = d31 + 2 * (d[0] - d[2]);
    t[1] = d32 - 2 * d[1];
    t[2] = d32 + 2 * (d[1] - d[2]);
    t[3] = d31;
    t[4] = (d[4] - d[2]) - 2 * d31;
}

template <typename V>
[[gnu::always_inline]] inline void transform_inputs(const V (&d)[6], V (&t)[6]) {
    const V d42 = d[4] - d[2], d31 = d[3] - d[1];
    const V even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1];
    t[0] = d42 + 4 * (d[0] - d[2]);
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = d42 + 2 * d31;
    t[4] = d42 - 2 * d31;
    t[5] = (d[5] - d[3]) - 4 * d31;
}

// A^T m of F(2, 3), F(3, 2), F(3, 3) and F(4, 3).
template <typename V>
[[gnu::always_inline]] inline void transform_outputs(const V (&m)[4], V (&y)[2]) {
    y[0] = m[0] + (m[1] + m[2]);
    y[1] = (m[1] - m[2]) - m[3];
}

template <typename V>
[[gnu::always_inline]] inline void transform_outputs(const V (&m)[4], V (&y)[3]) {
    const V sum = m[1] + m[2];
    y[0] = m[0] + sum;
    y[1] = m[1] - m[2];
    y[2] = sum - m[3];
}

template <typename V>
[[gnu::always_inline]] inline void transform_outputs(const V (&m)[5], V (&y)[3]) {
    const V sum = m[1] + m[2], difference = m[1] - m[2];
    y[0] = (m[0] + m[3]) + sum;
    y[1] = difference + 2 * m[3];
    y[2] = (sum + m[4]) + 4 * m[3];
}

template <typename V>
[[gnu::always_inline]] inline void transform_outputs(const V (&m)[6], V (&y)[4]) {
    const V sum1 = m[1] + m[2], difference1 = m[1] - m[2];
    const V sum2 = m[3] + m[4], difference2 = m[3] - m[4];
    y[0] = (m[0] + sum1) + sum2;
    y[1] = difference1 + 2 * difference2;
    y[2] = sum1 + 4 * sum2;
    y[3] = (difference1 + m[5]) + 8 * difference2;
}

}  // namespace mtcnn::simd::MTCNN_ISA
