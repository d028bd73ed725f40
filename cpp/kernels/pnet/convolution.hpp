// P-Net's second and third convolution in floats: Winograd's F(4, 3) down the columns and F(2, 3)
// along the rows, with a third of the plain sum's multiplications. A tile is two columns and four
// rows.
#pragma once
#include "kernels/pnet/blocking.hpp"
#include "kernels/pnet/input_tiles.hpp"
#include "kernels/vector.hpp"
#include "kernels/winograd.hpp"
#include "simd/pnet.hpp"

namespace mtcnn::simd::MTCNN_ISA {

// Sets products[point][channel][vector] of a block of output channels to the sums over the inputs.
template <int kVectors>
inline void multiply(const float* points, const float* kernel, const float* bias, int inputs,
                     float* products) {
    constexpr int kBias = kColumnPoints * kBiasPoint + kBiasPoint;
    for (int p = 0; p < kPoints; ++p) {
        Vector sum[kChannelBlock][kVectors];
#pragma GCC unroll 8
        for (int c = 0; c < kChannelBlock; ++c) {
            const Vector start = Vector{} + (p == kBias ? bias[c] : 0.f);
#pragma GCC unroll 4
            for (int v = 0; v < kVectors; ++v) sum[c][v] = start;
        }
        const float* point = points + p * point_size(kMostInputs, kVectors);
        for (int i = 0; i < inputs; ++i, point += kVectors * kLanes, kernel += kChannelBlock) {
            Vector value[kVectors];
#pragma GCC unroll 4
            for (int v = 0; v < kVectors; ++v) value[v] = load<Vector>(point + v * kLanes);
#pragma GCC unroll 8
            for (int c = 0; c < kChannelBlock; ++c)
#pragma GCC unroll 4
                for (int v = 0; v < kVectors; ++v) sum[c][v] += kernel[c] * value[v];
        }
        float* product = products + p * point_size(kChannelBlock, kVectors);
#pragma GCC unroll 8
        for (int c = 0; c < kChannelBlock; ++c)
#pragma GCC unroll 4
            for (int v = 0; v < kVectors; ++v)
                store(product + (c * kVectors + v) * kLanes, sum[c][v]);
    }
}

// Computes one vector of tiles of one channel: A^T m, then PReLU.
template <int kStride>
inline void transform_output(const float* products, float slope, std::ptrdiff_t pitch,
                             float* const* out, std::ptrdiff_t to) {
    Vector columns[kPhases][kRowPoints];
#pragma GCC unroll 6
    for (int p = 0; p < kRowPoints; ++p) {
        Vector m[kColumnPoints], y[kPhases];
#pragma GCC unroll 4
        for (int q = 0; q < kColumnPoints; ++q)
            m[q] = load<Vector>(products + (kColumnPoints * p + q) * kStride);
        transform_outputs(m, y);
        columns[0][p] = y[0];
        columns[1][p] = y[1];
    }
#pragma GCC unroll 2
    for (int phase = 0; phase < kPhases; ++phase) {
        Vector y[kStripRows];
        transform_outputs(columns[phase], y);
#pragma GCC unroll 4
        for (int row = 0; row < kStripRows; ++row)
            store(out[row] + to + phase * pitch, prelu(y[row], slope));
    }
}

// Computes kVectors vectors of tiles from their points, and writes them to out[row] + to, phases
// `pitch` apart.
template <int kVectors>
void convolve_points(const PackedConvolution& layer, const float* points, float* products,
                     std::ptrdiff_t pitch, float* const* out, std::ptrdiff_t to) {
    const float* kernel = layer.kernel;
    for (int first = 0; first < layer.outputs; first += kChannelBlock) {
        multiply<kVectors>(points, kernel, layer.bias + first, layer.inputs, products);
        kernel += kPoints * layer.inputs * kChannelBlock;
        for (int c = 0; c < kChannelBlock; ++c)
            for (int v = 0; v < kVectors; ++v)
                transform_output<point_size(kChannelBlock, kVectors)>(
                    products + (c * kVectors + v) * kLanes, layer.slopes[first + c], pitch, out,
                    to + (first + c) * kPhases * pitch + v * kLanes);
    }
}

}  // namespace mtcnn::simd::MTCNN_ISA
