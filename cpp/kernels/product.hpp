// The matrix product that every layer of R-Net and O-Net uses: rows of inputs times weights. The
// sums of a block of rows and some panels of channels stay in registers over all inputs.
#pragma once
#include "kernels/vector.hpp"
#include "simd/layer.hpp"

namespace mtcnn::simd::MTCNN_ISA {

constexpr int kPanelVectors = kPanel / kLanes;
constexpr int kMostBlockRows = 16;
// Vectors of sums at a time; two multipliers of four cycles need 8 or more. The other registers are
// for weights and values.
constexpr int kSums = kRegisters == 32 ? 27 : 12;

// Returns the rows of a block whose sums with some panels are in registers.
constexpr int block_rows(int panels) {
    const int rows = kSums / (panels * kPanelVectors);
    return rows < kMostBlockRows ? rows : kMostBlockRows;
}

// Panels at a time, where there are as many. With vectors of a whole panel, one panel would need a
// load for every multiplication, which takes longer than the multiplication.
constexpr int kBlockPanels = kPanelVectors == 1 ? 2 : 1;

// Calls body(Constant<count>), 1 <= count <= kMost.
template <int kMost, class Body>
inline void with_constant(int count, const Body& body) {
    if (count == kMost) return body(Constant<kMost>{});
    if constexpr (kMost > 1) with_constant<kMost - 1>(count, body);
}

// Calls body(first, size) for the fewest parts of at most `most` that share `count` evenly: a small
// last part would leave the multipliers idle.
template <class Body>
inline void for_parts(int count, int most, const Body& body) {
    int first = 0;
    for (int parts = (count + most - 1) / most; parts > 0; --parts) {
        const int size = (count - first + parts - 1) / parts;
        body(first, size);
        first += size;
    }
}

// The addresses of a block's rows and of the weights of its panels.
struct Operands {
    const float* rows;
    std::ptrdiff_t row_stride;
    const float* weights;  // (panels, inputs, kPanel)
    std::ptrdiff_t panel_stride;
};

// Sets the sums to the products of one input, or adds the products to them.
template <bool kFirst, int kRows, int kVectors>
[[gnu::always_inline]] inline void multiply_input(const Operands& from, int input,
                                                  Vector (&sums)[kRows][kVectors]) {
    // Compilers must not load later inputs early, into registers that the sums need.
    asm volatile("" ::: "memory");
    const auto value = [&](int row) { return Vector{} + from.rows[row * from.row_stride + input]; };
    const auto weight = [&](int v) {
        const int panel = v / kPanelVectors, lane = v % kPanelVectors * kLanes;
        return load<Vector>(from.weights + panel * from.panel_stride + input * kPanel + lane);
    };
    const auto add = [&](Vector& sum, Vector product) { sum = kFirst ? product : sum + product; };
    // Values or weights, of which there are fewer, stay in registers; the others are used at once.
    if constexpr (kRows < kVectors) {
        Vector values[kRows];
#pragma GCC unroll 16
        for (int row = 0; row < kRows; ++row) values[row] = value(row);
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v) {
            const Vector w = weight(v);
#pragma GCC unroll 16
            for (int row = 0; row < kRows; ++row) add(sums[row][v], values[row] * w);
        }
    } else {
        Vector weights[kVectors];
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v) weights[v] = weight(v);
#pragma GCC unroll 16
        for (int row = 0; row < kRows; ++row) {
            const Vector x = value(row);
#pragma GCC unroll 16
            for (int v = 0; v < kVectors; ++v) add(sums[row][v], x * weights[v]);
        }
    }
}

// Adds the rows times the weights to the sums, from input `first` on.
template <int kRows, int kVectors>
[[gnu::always_inline]] inline void accumulate(const Operands& from, int first, int inputs,
                                              Vector (&sums)[kRows][kVectors]) {
    for (int input = first; input < inputs; ++input) multiply_input<false>(from, input, sums);
}

// Sets the sums to the rows times the weights. They begin as the first input's products: beginning
// as 0 takes a tenth longer at thirty inputs, measured on Zen 3.
template <int kRows, int kVectors>
[[gnu::always_inline]] inline void multiply(const Operands& from, int inputs,
                                            Vector (&sums)[kRows][kVectors]) {
    multiply_input<true>(from, 0, sums);
    accumulate(from, 1, inputs, sums);
}

// Calls use(row, channel of the first panel, sum) for every vector of a block's sums. Unrolled: a
// variable index would move the sums to memory.
template <int kRows, int kVectors, class Use>
[[gnu::always_inline]] inline void for_sums(const Vector (&sums)[kRows][kVectors], const Use& use) {
#pragma GCC unroll 16
    for (int row = 0; row < kRows; ++row)
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v) use(row, v * kLanes, sums[row][v]);
}

// Writes a block's sums to out: (panels, rows, kPanel), the panels `panel_stride` floats apart.
template <int kRows, int kVectors>
[[gnu::always_inline]] inline void store_sums(const Vector (&sums)[kRows][kVectors], float* out,
                                              std::ptrdiff_t panel_stride) {
    for_sums(sums, [=](int row, int channel, Vector sum) {
        store(out + channel / kPanel * panel_stride + row * kPanel + channel % kPanel, sum);
    });
}

// Returns x, or x times the slope if x is negative. bend: the slope less 1.
inline Vector prelu(Vector x, Vector bend) { return x + bend * minimum(x, Vector{}); }

}  // namespace mtcnn::simd::MTCNN_ISA
