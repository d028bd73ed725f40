// P-Net's second and third convolution: Winograd's F(4, 3) down the columns of what F(2, 3) makes
// of the rows, a third of the plain sum's multiplications. A tile is two columns and four rows.
#include "simd/cell_values.hpp"
#include "simd/table.hpp"
#include "simd/vector.hpp"
#include "simd/winograd.hpp"
#include "simd/winograd_blocking.hpp"
#include "simd/winograd_tiles.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

// products[point][channel][vector] of a block of output channels = the sums over the inputs.
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

// One vector of tiles of one channel: A^T m, then PReLU.
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

// kVectors vectors of tiles, from `tile` on, into out[row] + to, phases `pitch` apart.
template <int kVectors>
void convolve_tiles(const PackedConvolution& layer, const InputRows& in, int tile, float* scratch,
                    std::ptrdiff_t pitch, float* const* out, std::ptrdiff_t to) {
    float *points = scratch, *products = scratch + kPointsSize;
    transform_input<Vector, kVectors>(in, layer.inputs, tile, points);
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

// Values [first, first + kValues) of the head's, from rows [0, kRows) of features.
template <int kRows, int kValues>
inline void multiply_head(const PackedConvolution& head, int first, const float* features,
                          Values (&cells)[kRows][kValues]) {
    for (int row = 0; row < kRows; ++row)
        for (int v = 0; v < kValues; ++v)
            for (Vector& cell : cells[row][v]) cell = Vector{} + head.bias[first + v];
    const float* kernel = head.kernel + first * head.inputs;
    for (int i = 0; i < head.inputs; ++i, ++kernel, features += kPhases * kFeaturePitch)
#pragma GCC unroll 4
        for (int row = 0; row < kRows; ++row)
#pragma GCC unroll 2
            for (int phase = 0; phase < kPhases; ++phase) {
                const Vector feature =
                    load<Vector>(features + row * kFeatureRow + phase * kFeaturePitch);
#pragma GCC unroll 4
                for (int v = 0; v < kValues; ++v)
                    cells[row][v][phase] += kernel[v * head.inputs] * feature;
            }
}

template <int kVectors>
void cells_of_tiles(const PackedConvolution& layer, const PackedConvolution& head,
                    const InputRows& in, int tile, float least, float* scratch,
                    const CellRows& out) {
    float* const features = scratch + kPointsSize + kProductsSize;
    float* const rows[] = {features, features + kFeatureRow, features + 2 * kFeatureRow,
                           features + 3 * kFeatureRow};
    convolve_tiles<kVectors>(layer, in, tile, scratch, kFeaturePitch, rows, 0);
    const auto multiply = [&](int first, const float* features, auto& cells) {
        multiply_head(head, first, features, cells);
    };
    for (int v = 0; v < kVectors; ++v)
        store_cells_of_tiles(multiply, features + v * kLanes, least, tile + v * kLanes, out);
}

}  // namespace

void convolve_rows(const PackedConvolution& layer, const InputRows& in, int tiles, float* scratch,
                   float* const* out) {
    for_tiles(tiles, [&](int tile, auto count) {
        convolve_tiles<count.value>(layer, in, tile, scratch, in.pitch, out, tile);
    });
}

void cells(const PackedConvolution& layer, const PackedConvolution& head, const InputRows& in,
           int tiles, float least, float* scratch, const CellRows& out) {
    for_tiles(tiles, [&](int tile, auto count) {
        cells_of_tiles<count.value>(layer, head, in, tile, least, scratch, out);
    });
}

}  // namespace mtcnn::simd::MTCNN_ISA
