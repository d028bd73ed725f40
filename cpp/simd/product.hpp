// The matrix product behind every layer: rows of inputs times a layer's weights. A block of rows
// times a panel of channels stays in registers over all inputs.
#pragma once
#include "simd/layer.hpp"
#include "simd/vector.hpp"

namespace mtcnn::simd::MTCNN_ISA {

constexpr int kPanelVectors = kPanel / kLanes;
constexpr int kSums = 12;  // of 16 registers; two multipliers of four cycles want 8 or more
constexpr int kBlockRows = kSums / kPanelVectors;

template <int kValue>
struct Constant {
    static constexpr int value = kValue;
};

// body(Constant<count>), 1 <= count <= kMost.
template <int kMost, class Body>
inline void with_constant(int count, const Body& body) {
    if (count == kMost) return body(Constant<kMost>{});
    if constexpr (kMost > 1) with_constant<kMost - 1>(count, body);
}

// body(first, size) for the fewest parts of at most `most` that share `count` evenly: a small last
// part would leave the multipliers idle.
template <class Body>
inline void for_parts(int count, int most, const Body& body) {
    int first = 0;
    for (int parts = (count + most - 1) / most; parts > 0; --parts) {
        const int size = (count - first + parts - 1) / parts;
        body(first, size);
        first += size;
    }
}

// sums += a block of rows, `stride` apart, times the weights (panels, inputs, kPanel), whose panels
// are `panel_stride` apart.
template <int kRows, int kVectors>
[[gnu::always_inline]] inline void multiply(const float* rows, std::ptrdiff_t stride, int inputs,
                                            const float* weights, std::ptrdiff_t panel_stride,
                                            Vector (&sums)[kRows][kVectors]) {
    for (int i = 0; i < inputs; ++i) {
        // Keeps compilers from loading inputs of later steps early, into registers of the sums.
        asm volatile("" ::: "memory");
        Vector weight[kVectors];
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v)
            weight[v] = load<Vector>(weights + v / kPanelVectors * panel_stride + i * kPanel +
                                     v % kPanelVectors * kLanes);
#pragma GCC unroll 16
        for (int row = 0; row < kRows; ++row) {
            const Vector value = Vector{} + rows[row * stride + i];
#pragma GCC unroll 16
            for (int v = 0; v < kVectors; ++v) sums[row][v] += value * weight[v];
        }
    }
}

// x, or x times the slope where it is negative; bend: the slope less 1.
inline Vector prelu(Vector x, Vector bend) { return x + bend * minimum(x, Vector{}); }

}  // namespace mtcnn::simd::MTCNN_ISA
