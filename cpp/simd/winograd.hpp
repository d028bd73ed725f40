// Winograd's minimal filtering (Lavin and Gray, arXiv 1509.09308): m outputs of a filter of three
// taps from m + 2 products instead of 3 m. With inputs d, taps g and outputs y:
//
//   y = A^T ((G g) * (B^T d)),  * element by element.
//
// F(2, 3):
//         1  0 -1  0           1    0    0
//   B^T = 0  1  1  0      G = 1/2  1/2  1/2      A^T = 1  1  1  0
//         0 -1  1  0          1/2 -1/2  1/2            0  1 -1 -1
//         0  1  0 -1           0    0    1
//
// F(4, 3):
//         4  0 -5  0  1  0          1/4    0     0
//         0 -4 -4  1  1  0         -1/6  -1/6  -1/6           1  1  1  1  1  0
//   B^T = 0  4 -4 -1  1  0     G = -1/6   1/6  -1/6     A^T = 0  1 -1  2 -2  0
//         0 -2 -1  2  1  0         1/24  1/12   1/6           0  1  1  4  4  0
//         0  2 -1 -2  1  0         1/24 -1/12   1/6           0  1 -1  8 -8  1
//         0  4  0 -5  0  1           0     0     1
//
// Row 1 of B^T d counts once in every output (the column of ones in A^T): a bias goes there.
#pragma once
#include "simd/vector.hpp"

namespace mtcnn::simd::MTCNN_ISA {

constexpr int kBiasPoint = 1;

// One row of B^T d of F(2, 3). The inputs of a tile are its two columns, even[0] and odd[0], and
// those of the next, even[1] and odd[1].
template <int kPoint>
inline Vector input_2_3(const float* even, const float* odd) {
    if constexpr (kPoint == 0) return load<Vector>(even) - load<Vector>(even + 1);
    if constexpr (kPoint == 1) return load<Vector>(even + 1) + load<Vector>(odd);
    if constexpr (kPoint == 2) return load<Vector>(even + 1) - load<Vector>(odd);
    if constexpr (kPoint == 3) return load<Vector>(odd) - load<Vector>(odd + 1);
}

inline void output_2_3(const Vector (&m)[4], Vector (&y)[2]) {
    y[0] = m[0] + (m[1] + m[2]);
    y[1] = (m[1] - m[2]) - m[3];
}

inline void input_4_3(const Vector (&d)[6], Vector (&v)[6]) {
    const Vector even = d[4] - 4.f * d[2], odd = d[3] - 4.f * d[1];
    const Vector outer = d[4] - d[2], inner = 2.f * (d[3] - d[1]);
    v[0] = outer + 4.f * (d[0] - d[2]);
    v[1] = even + odd;
    v[2] = even - odd;
    v[3] = outer + inner;
    v[4] = outer - inner;
    v[5] = (d[5] - d[3]) - 2.f * inner;
}

inline void output_4_3(const Vector (&m)[6], Vector (&y)[4]) {
    const Vector sum = m[1] + m[2], difference = m[1] - m[2];
    const Vector sum_2 = m[3] + m[4], difference_2 = m[3] - m[4];
    y[0] = (m[0] + sum) + sum_2;
    y[1] = difference + 2.f * difference_2;
    y[2] = sum + 4.f * sum_2;
    y[3] = (difference + m[5]) + 8.f * difference_2;
}

}  // namespace mtcnn::simd::MTCNN_ISA
