// Winograd's transforms of vectors, with fewer additions than the matrices of simd/winograd.hpp ask
// for. B^T d turns the inputs of a tile into points, A^T m the products of points into outputs.
// They are of vectors V of any kind of numbers; the compiler checks them with single integers.
#pragma once
#include "kernels/vector.hpp"
#include "simd/winograd.hpp"

namespace mtcnn::simd::MTCNN_ISA {

// Returns point kPoint of B^T d of F(2, 3), where input(i) gives d[i]: only two are asked for.
template <int kPoint, typename Inputs>
[[gnu::always_inline]] constexpr auto transform_input_2(const Inputs& input) {
    if constexpr (kPoint == 0) return input(0) - input(2);
    if constexpr (kPoint == 1) return input(2) + input(1);
    if constexpr (kPoint == 2) return input(2) - input(1);
    if constexpr (kPoint == 3) return input(1) - input(3);
}

// t = B^T d of F(2, 3) and F(3, 2), which have the same, of F(4, 3), F(5, 3) and F(6, 3).
template <typename V>
[[gnu::always_inline]] constexpr void transform_inputs(const V (&d)[4], V (&t)[4]) {
    t[0] = d[0] - d[2];
    t[1] = d[2] + d[1];
    t[2] = d[2] - d[1];
    t[3] = d[1] - d[3];
}

template <typename V>
[[gnu::always_inline]] constexpr void transform_inputs(const V (&d)[6], V (&t)[6]) {
    const V d42 = d[4] - d[2], d31 = d[3] - d[1];
    const V even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1];
    t[0] = d42 + 4 * (d[0] - d[2]);
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = d42 + 2 * d31;
    t[4] = d42 - 2 * d31;
    t[5] = (d[5] - d[3]) - 4 * d31;
}

// The points of F(5, 3) are those of F(4, 3) and 1/2: all but the new one see differences that are
// 0 for what the new one sees.
template <typename V>
[[gnu::always_inline]] constexpr void transform_inputs(const V (&d)[7], V (&t)[7]) {
    V differences[6], others[6];
    for (int i = 0; i < 6; ++i) differences[i] = 2 * d[i + 1] - d[i];
    transform_inputs(differences, others);
    for (int p = 0; p < 5; ++p) t[p] = others[p];
    t[5] = (4 * d[1] - 5 * d[3]) + d[5];
    t[6] = others[5];
}

template <typename V>
[[gnu::always_inline]] constexpr void transform_inputs(const V (&d)[8], V (&t)[8]) {
    const V even1 = 4 * (d[2] + d[6]) - 17 * d[4], odd1 = 4 * (d[1] + d[5]) - 17 * d[3];
    const V even2 = (d[2] - 5 * d[4]) + 4 * d[6], odd2 = 2 * (d[1] - 5 * d[3]) + 8 * d[5];
    const V even3 = 4 * (4 * d[2] + d[6]) - 20 * d[4], odd3 = 2 * (4 * d[1] + d[5]) - 10 * d[3];
    t[0] = 4 * (d[0] - d[6]) + 21 * (d[4] - d[2]);
    t[1] = even1 + odd1;
    t[2] = even1 - odd1;
    t[3] = even2 + odd2;
    t[4] = even2 - odd2;
    t[5] = even3 + odd3;
    t[6] = even3 - odd3;
    t[7] = 4 * (d[7] - d[1]) + 21 * (d[3] - d[5]);
}

// y = A^T m of F(2, 3), F(3, 2), F(4, 3), F(5, 3) and F(6, 3).
template <typename V>
[[gnu::always_inline]] constexpr void transform_outputs(const V (&m)[4], V (&y)[2]) {
    y[0] = m[0] + (m[1] + m[2]);
    y[1] = (m[1] - m[2]) - m[3];
}

template <typename V>
[[gnu::always_inline]] constexpr void transform_outputs(const V (&m)[4], V (&y)[3]) {
    const V sum = m[1] + m[2];
    y[0] = m[0] + sum;
    y[1] = m[1] - m[2];
    y[2] = sum - m[3];
}

template <typename V>
[[gnu::always_inline]] constexpr void transform_outputs(const V (&m)[6], V (&y)[4]) {
    const V sum1 = m[1] + m[2], difference1 = m[1] - m[2];
    const V sum2 = m[3] + m[4], difference2 = m[3] - m[4];
    y[0] = (m[0] + sum1) + sum2;
    y[1] = difference1 + 2 * difference2;
    y[2] = sum1 + 4 * sum2;
    y[3] = (difference1 + m[5]) + 8 * difference2;
}

template <typename V>
[[gnu::always_inline]] constexpr void transform_outputs(const V (&m)[7], V (&y)[5]) {
    const V sum1 = m[1] + m[2], difference1 = m[1] - m[2];
    const V sum2 = m[3] + m[4], difference2 = m[3] - m[4];
    y[0] = ((m[0] + sum1) + sum2) + 16 * m[5];
    y[1] = (difference1 + 2 * difference2) + 8 * m[5];
    y[2] = (sum1 + 4 * sum2) + 4 * m[5];
    y[3] = (difference1 + 8 * difference2) + 2 * m[5];
    y[4] = ((sum1 + m[6]) + 16 * sum2) + m[5];
}

template <typename V>
[[gnu::always_inline]] constexpr void transform_outputs(const V (&m)[8], V (&y)[6]) {
    const V sum1 = m[1] + m[2], difference1 = m[1] - m[2];
    const V sum2 = m[3] + m[4], difference2 = m[3] - m[4];
    const V sum3 = m[5] + m[6], difference3 = m[5] - m[6];
    y[0] = ((m[0] + sum1) + sum2) + 32 * sum3;
    y[1] = difference1 + 2 * difference2 + 16 * difference3;
    y[2] = sum1 + 4 * sum2 + 8 * sum3;
    y[3] = difference1 + 8 * difference2 + 4 * difference3;
    y[4] = sum1 + 16 * sum2 + 2 * sum3;
    y[5] = ((difference1 + m[7]) + difference3) + 32 * difference2;
}

// Returns true if `transform` multiplies by the matrix, as its columns show.
template <int kRows, int kColumns, typename Transform>
consteval bool multiplies_by(const int (&matrix)[kRows][kColumns], const Transform& transform) {
    for (int column = 0; column < kColumns; ++column) {
        int unit[kColumns] = {}, product[kRows] = {};
        unit[column] = 1;
        transform(unit, product);
        for (int row = 0; row < kRows; ++row)
            if (product[row] != matrix[row][column]) return false;
    }
    return true;
}

constexpr auto kTransformInputs = [](const auto& d, auto& t) { transform_inputs(d, t); };
static_assert(multiplies_by(kF23.inputs, kTransformInputs) &&
              multiplies_by(kF32.inputs, kTransformInputs) &&
              multiplies_by(kF43.inputs, kTransformInputs) &&
              multiplies_by(kF53.inputs, kTransformInputs) &&
              multiplies_by(kF63.inputs, kTransformInputs));

constexpr auto kTransformInputs2 = [](const auto& d, auto& t) {
    const auto input = [&](int i) { return d[i]; };
    t[0] = transform_input_2<0>(input);
    t[1] = transform_input_2<1>(input);
    t[2] = transform_input_2<2>(input);
    t[3] = transform_input_2<3>(input);
};
static_assert(multiplies_by(kF23.inputs, kTransformInputs2));

constexpr auto kTransformOutputs = [](const auto& m, auto& y) { transform_outputs(m, y); };
static_assert(multiplies_by(kF23.outputs, kTransformOutputs) &&
              multiplies_by(kF32.outputs, kTransformOutputs) &&
              multiplies_by(kF43.outputs, kTransformOutputs) &&
              multiplies_by(kF53.outputs, kTransformOutputs) &&
              multiplies_by(kF63.outputs, kTransformOutputs));

}  // namespace mtcnn::simd::MTCNN_ISA
