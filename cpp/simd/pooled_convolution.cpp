// P-Net's first layer, from pixels to pooled features: F(4, 3) down the columns, the plain sum
// along the rows. A tile is four columns and four rows of the convolution, and two by two after
// the pooling. Everything that a vector of tiles needs stays in L1.
#include "simd/table.hpp"
#include "simd/vector.hpp"
#include "simd/winograd.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

constexpr int kPoints = 6, kTaps = 3, kChannels = 3;
constexpr int kColumns = kPixelPhases;               // of the convolution, in a tile
constexpr int kPixelColumns = kColumns + kTaps - 1;  // that it needs

typedef Vector Column[kStripRows];

// points = B^T d of every column of pixels.
inline void transform(const InputRows& in, int tile,
                      Vector (&points)[kPoints][kChannels][kPixelColumns]) {
    for (int channel = 0; channel < kChannels; ++channel) {
        for (int column = 0; column < kPixelColumns; ++column) {
            const std::ptrdiff_t from =
                (channel * kPixelPhases + column % kPixelPhases) * in.pitch + tile +
                column / kPixelPhases;
            Vector d[kInputRows], v[kPoints];
            for (int y = 0; y < kInputRows; ++y) d[y] = load<Vector>(in.row[y] + from);
            input_4_3(d, v);
            for (int p = 0; p < kPoints; ++p) points[p][channel][column] = v[p];
        }
    }
}

// products[column][point], summed over channels and taps.
inline void multiply(const Vector (&points)[kPoints][kChannels][kPixelColumns], const float* kernel,
                     float bias, Vector (&products)[kColumns][kPoints]) {
#pragma GCC unroll 6
    for (int p = 0; p < kPoints; ++p) {
        Vector sum[kColumns] = {};
        if (p == kBiasPoint)
            for (Vector& s : sum) s += bias;
#pragma GCC unroll 3
        for (int channel = 0; channel < kChannels; ++channel) {
            const float* taps = kernel + (p * kChannels + channel) * kTaps;
#pragma GCC unroll 6
            for (int column = 0; column < kPixelColumns; ++column) {
                const Vector value = points[p][channel][column];
#pragma GCC unroll 3
                for (int tap = 0; tap < kTaps; ++tap)
                    if (column >= tap && column - tap < kColumns)
                        sum[column - tap] += taps[tap] * value;
            }
        }
        for (int column = 0; column < kColumns; ++column) products[column][p] = sum[column];
    }
}

// Repeats what exists over what does not, which leaves every maximum and minimum as it is.
inline void extend(const PoolingEdge& edge, int tile, Column (&columns)[kColumns]) {
    for (int column = 1; column < kColumns; column += 2) {
        const Integers missing = kColumns * (tile + kLaneNumbers) + column >= edge.columns;
        for (int y = 0; y < kStripRows; ++y)
            columns[column][y] = missing ? columns[column - 1][y] : columns[column][y];
    }
    for (Column& column : columns)
        for (int y = 1; y < kStripRows; y += 2)
            if (y >= edge.rows) column[y] = column[y - 1];
}

// The maximum of PReLU(x) over a window. PReLU rises on both sides of 0, or falls on the left one:
// the maximum is at the largest x, or at the smallest.
inline Vector pooled_prelu(Vector a, Vector b, Vector c, Vector d, float slope) {
    const Vector largest = prelu(maximum(maximum(a, b), maximum(c, d)), slope);
    if (slope >= 0) return largest;
    return maximum(largest, prelu(minimum(minimum(a, b), minimum(c, d)), slope));
}

template <bool kEdge>
inline void pool_tiles(const PackedConvolution& layer, const InputRows& in, const PoolingEdge& edge,
                       int tile, float* const* out) {
    Vector points[kPoints][kChannels][kPixelColumns];
    transform(in, tile, points);
    for (int channel = 0; channel < layer.outputs; ++channel) {
        Vector products[kColumns][kPoints];
        multiply(points, layer.kernel + channel * kPoints * kChannels * kTaps, layer.bias[channel],
                 products);
        Column columns[kColumns];
        for (int x = 0; x < kColumns; ++x) output_4_3(products[x], columns[x]);
        if constexpr (kEdge) extend(edge, tile, columns);
        for (int phase = 0; phase < kPhases; ++phase) {
            const Column &left = columns[2 * phase], &right = columns[2 * phase + 1];
            float* to = out[0] + (channel * kPhases + phase) * in.pitch + tile;
            store(to, pooled_prelu(left[0], right[0], left[1], right[1], layer.slopes[channel]));
            to = out[1] + (channel * kPhases + phase) * in.pitch + tile;
            store(to, pooled_prelu(left[2], right[2], left[3], right[3], layer.slopes[channel]));
        }
    }
}

}  // namespace

void pool(const PackedConvolution& layer, const InputRows& in, const PoolingEdge& edge, int tiles,
          float* const* out) {
    int tile = 0;
    if (edge.rows == kStripRows)
        for (; tile + kLanes < tiles; tile += kLanes) pool_tiles<false>(layer, in, edge, tile, out);
    for (; tile < tiles; tile += kLanes) pool_tiles<true>(layer, in, edge, tile, out);
}

}  // namespace mtcnn::simd::MTCNN_ISA
