// The matrices of Winograd's minimal filtering (Lavin and Gray, arXiv 1509.09308), the only place
// that has them. F(m, r) gives m outputs of a filter of r taps from m + r - 1 products instead of
// m r. With inputs d, taps g and outputs y:
//
//   y = A^T ((G g) * (B^T d)),  * element by element.
//
// core/networks/winograd.hpp computes G g, once per model. kernels/winograd.hpp has B^T d and A^T m
// with fewer additions, and checks them against these matrices when it is compiled.
#pragma once

namespace mtcnn::simd {

constexpr int kMostTaps = 3;

template <int kOutputCount, int kTapCount>
struct Filtering {
    static constexpr int kOutputs = kOutputCount, kTaps = kTapCount;
    static constexpr int kPoints = kOutputs + kTaps - 1;  // of interpolation, a product each

    int inputs[kPoints][kPoints];        // B^T
    double filters[kPoints][kMostTaps];  // G; columns of taps that the filter lacks are 0
    int outputs[kOutputs][kPoints];      // A^T
};

// F(2, 3), interpolation at 0, 1, -1 and infinity.
constexpr Filtering<2, 3> kF23 = {
    {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}},
    {{1, 0, 0}, {1. / 2, 1. / 2, 1. / 2}, {1. / 2, -1. / 2, 1. / 2}, {0, 0, 1}},
    {{1, 1, 1, 0}, {0, 1, -1, -1}}};

// F(3, 2), at the same points.
constexpr Filtering<3, 2> kF32 = {{{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}},
                                  {{1, 0}, {1. / 2, 1. / 2}, {1. / 2, -1. / 2}, {0, 1}},
                                  {{1, 1, 1, 0}, {0, 1, -1, 0}, {0, 1, 1, -1}}};

// F(4, 3), at 0, 1, -1, 2, -2 and infinity.
constexpr Filtering<4, 3> kF43 = {
    {{4, 0, -5, 0, 1, 0},
     {0, -4, -4, 1, 1, 0},
     {0, 4, -4, -1, 1, 0},
     {0, -2, -1, 2, 1, 0},
     {0, 2, -1, -2, 1, 0},
     {0, 4, 0, -5, 0, 1}},
    {{1. / 4, 0, 0},
     {-1. / 6, -1. / 6, -1. / 6},
     {-1. / 6, 1. / 6, -1. / 6},
     {1. / 24, 1. / 12, 1. / 6},
     {1. / 24, -1. / 12, 1. / 6},
     {0, 0, 1}},
    {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}}};

// F(5, 3), at 0, 1, -1, 2, -2, 1/2 and infinity.
constexpr Filtering<5, 3> kF53 = {{{-4, 8, 5, -10, -1, 2, 0},
                                   {0, 4, -4, -9, 1, 2, 0},
                                   {0, -4, 12, -7, -3, 2, 0},
                                   {0, 2, -3, -4, 3, 2, 0},
                                   {0, -2, 5, 0, -5, 2, 0},
                                   {0, 4, 0, -5, 0, 1, 0},
                                   {0, -4, 8, 5, -10, -1, 2}},
                                  {{-1. / 4, 0, 0},
                                   {-1. / 6, -1. / 6, -1. / 6},
                                   {1. / 18, -1. / 18, 1. / 18},
                                   {1. / 72, 1. / 36, 1. / 18},
                                   {-1. / 120, 1. / 60, -1. / 30},
                                   {2. / 45, 1. / 45, 1. / 90},
                                   {0, 0, 1. / 2}},
                                  {{1, 1, 1, 1, 1, 16, 0},
                                   {0, 1, -1, 2, -2, 8, 0},
                                   {0, 1, 1, 4, 4, 4, 0},
                                   {0, 1, -1, 8, -8, 2, 0},
                                   {0, 1, 1, 16, 16, 1, 1}}};

// F(6, 3), at 0, 1, -1, 2, -2, 1/2, -1/2 and infinity.
constexpr Filtering<6, 3> kF63 = {{{4, 0, -21, 0, 21, 0, -4, 0},
                                   {0, 4, 4, -17, -17, 4, 4, 0},
                                   {0, -4, 4, 17, -17, -4, 4, 0},
                                   {0, 2, 1, -10, -5, 8, 4, 0},
                                   {0, -2, 1, 10, -5, -8, 4, 0},
                                   {0, 8, 16, -10, -20, 2, 4, 0},
                                   {0, -8, 16, 10, -20, -2, 4, 0},
                                   {0, -4, 0, 21, 0, -21, 0, 4}},
                                  {{1. / 4, 0, 0},
                                   {-1. / 18, -1. / 18, -1. / 18},
                                   {-1. / 18, 1. / 18, -1. / 18},
                                   {1. / 360, 1. / 180, 1. / 90},
                                   {1. / 360, -1. / 180, 1. / 90},
                                   {1. / 180, 1. / 360, 1. / 720},
                                   {1. / 180, -1. / 360, 1. / 720},
                                   {0, 0, 1. / 4}},
                                  {{1, 1, 1, 1, 1, 32, 32, 0},
                                   {0, 1, -1, 2, -2, 16, -16, 0},
                                   {0, 1, 1, 4, 4, 8, 8, 0},
                                   {0, 1, -1, 8, -8, 4, -4, 0},
                                   {0, 1, 1, 16, 16, 2, 2, 0},
                                   {0, 1, -1, 32, -32, 1, -1, 1}}};

// Returns true if the matrices filter: output i is the sum of g[k] d[i + k] over the taps k.
template <int kOutputs, int kTaps>
consteval bool is_exact(const Filtering<kOutputs, kTaps>& f) {
    for (int i = 0; i < f.kOutputs; ++i)
        for (int k = 0; k < f.kTaps; ++k)
            for (int j = 0; j < f.kPoints; ++j) {
                double off = j == i + k ? -1 : 0;
                for (int p = 0; p < f.kPoints; ++p)
                    off += f.outputs[i][p] * f.filters[p][k] * f.inputs[p][j];
                if (off > 1e-12 || off < -1e-12) return false;
            }
    return true;
}
static_assert(is_exact(kF23) && is_exact(kF32) && is_exact(kF43) && is_exact(kF53) &&
              is_exact(kF63));

// The product of this point goes into all outputs alike, a column of ones in A^T: a bias need only
// be added to it.
constexpr int kBiasPoint = 1;

template <int kOutputs, int kTaps>
consteval bool adds_bias_to_all(const Filtering<kOutputs, kTaps>& f) {
    for (const auto& row : f.outputs)
        if (row[kBiasPoint] != 1) return false;
    return true;
}
static_assert(adds_bias_to_all(kF23) && adds_bias_to_all(kF32) && adds_bias_to_all(kF43) &&
              adds_bias_to_all(kF53) && adds_bias_to_all(kF63));

}  // namespace mtcnn::simd
