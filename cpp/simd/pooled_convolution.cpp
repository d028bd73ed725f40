// P-Net's first layer, from pixels to pooled features: F(4, 3) down the columns, the plain sum
// along the rows. A tile is four columns and four rows of the convolution, and two by two after
// the pooling. Everything that a vector of tiles needs stays in L1.
#include "simd/table.hpp"
#include "simd/vector.hpp"
#include "simd/winograd.hpp"
#include "simd/winograd_blocking.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

constexpr int kTaps = 3, kChannels = 3;
constexpr int kColumns = kPixelPhases;               // of the convolution, in a tile
constexpr int kPixelColumns = kColumns + kTaps - 1;  // that it needs

typedef Vector Column[kStripRows];  // of the convolution, in a tile

// Scratch, vectors of tiles: points[point][input][column], products[point][output][column].
constexpr int kPointSize = kChannels * kPixelColumns * kLanes;
constexpr int kProductSize = kPoolBlock * kColumns * kLanes;
static_assert(kRowPoints * (kPointSize + kProductSize) <= kScratch);

// points = B^T d of every column of pixels.
inline void transform(const InputRows& in, int tile, float* points) {
    for (int channel = 0; channel < kChannels; ++channel) {
#pragma GCC unroll 6
        for (int column = 0; column < kPixelColumns; ++column, points += kLanes) {
            const std::ptrdiff_t from =
                (channel * kPixelPhases + column % kPixelPhases) * in.pitch + tile +
                column / kPixelPhases;
            Vector d[kInputRows], v[kRowPoints];
            for (int y = 0; y < kInputRows; ++y) d[y] = load<Vector>(in.row[y] + from);
            transform_inputs(d, v);
            for (int p = 0; p < kRowPoints; ++p) store(points + p * kPointSize, v[p]);
        }
    }
}

// The sums over channels and taps, of a block of outputs.
inline void multiply(const float* points, const float* kernel, const float* bias, float* products) {
    for (int p = 0; p < kRowPoints; ++p) {
        Vector sum[kPoolBlock][kColumns];
#pragma GCC unroll 2
        for (int c = 0; c < kPoolBlock; ++c) {
            const Vector start = Vector{} + (p == kBiasPoint ? bias[c] : 0.f);
#pragma GCC unroll 4
            for (Vector& s : sum[c]) s = start;
        }
        for (int channel = 0; channel < kChannels; ++channel, kernel += kPoolBlock * kTaps) {
#pragma GCC unroll 6
            for (int column = 0; column < kPixelColumns; ++column, points += kLanes) {
                const Vector value = load<Vector>(points);
#pragma GCC unroll 2
                for (int c = 0; c < kPoolBlock; ++c)
#pragma GCC unroll 3
                    for (int tap = 0; tap < kTaps; ++tap)
                        if (column >= tap && column - tap < kColumns)
                            sum[c][column - tap] += kernel[c * kTaps + tap] * value;
            }
        }
#pragma GCC unroll 2
        for (int c = 0; c < kPoolBlock; ++c)
#pragma GCC unroll 4
            for (int column = 0; column < kColumns; ++column, products += kLanes)
                store(products, sum[c][column]);
    }
}

// Repeats what exists over what does not, which leaves every maximum and minimum as it is.
inline void extend(const PoolingEdge& edge, Integers right_column, Column& left, Column& right) {
    const Integers missing = right_column >= edge.columns;
    for (int y = 0; y < kStripRows; ++y) right[y] = missing ? left[y] : right[y];
    for (int y = 1; y < kStripRows; y += 2) {
        if (y < edge.rows) continue;
        left[y] = left[y - 1];
        right[y] = right[y - 1];
    }
}

// The maximum of PReLU(x) over a window. PReLU rises on both sides of 0, or falls on the left one:
// the maximum is at the largest x, or at the smallest.
inline Vector pooled_prelu(Vector a, Vector b, Vector c, Vector d, float slope) {
    const Vector largest = prelu(maximum(maximum(a, b), maximum(c, d)), slope);
    if (slope >= 0) return largest;
    return maximum(largest, prelu(minimum(minimum(a, b), minimum(c, d)), slope));
}

inline void transform_output(const float* products, Column& column) {
    Vector m[kRowPoints];
    for (int p = 0; p < kRowPoints; ++p) m[p] = load<Vector>(products + p * kProductSize);
    transform_outputs(m, column);
}

template <bool kEdge>
inline void pool_channel(const float* products, float slope, const PoolingEdge& edge, int tile,
                         std::ptrdiff_t pitch, float* const* out, std::ptrdiff_t to) {
#pragma GCC unroll 2
    for (int phase = 0; phase < kPhases; ++phase, to += pitch, products += 2 * kLanes) {
        Column left, right;
        transform_output(products, left);
        transform_output(products + kLanes, right);
        if constexpr (kEdge)
            extend(edge, kColumns * (tile + kLaneNumbers) + 2 * phase + 1, left, right);
        store(out[0] + to, pooled_prelu(left[0], right[0], left[1], right[1], slope));
        store(out[1] + to, pooled_prelu(left[2], right[2], left[3], right[3], slope));
    }
}

template <bool kEdge>
void pool_tiles(const PackedConvolution& layer, const InputRows& in, const PoolingEdge& edge,
                int tile, float* scratch, float* const* out) {
    float *const points = scratch, *const products = scratch + kRowPoints * kPointSize;
    transform(in, tile, points);
    const float* kernel = layer.kernel;
    for (int first = 0; first < layer.outputs; first += kPoolBlock) {
        multiply(points, kernel, layer.bias + first, products);
        kernel += kRowPoints * kChannels * kPoolBlock * kTaps;
        for (int c = 0; c < kPoolBlock; ++c)
            pool_channel<kEdge>(products + c * kColumns * kLanes, layer.slopes[first + c], edge,
                                tile, in.pitch, out, (first + c) * kPhases * in.pitch + tile);
    }
}

}  // namespace

void pool(const PackedConvolution& layer, const InputRows& in, const PoolingEdge& edge, int tiles,
          float* scratch, float* const* out) {
    int tile = 0;
    if (edge.rows == kStripRows)
        for (; tile + kLanes < tiles; tile += kLanes)
            pool_tiles<false>(layer, in, edge, tile, scratch, out);
    for (; tile < tiles; tile += kLanes) pool_tiles<true>(layer, in, edge, tile, scratch, out);
}

}  // namespace mtcnn::simd::MTCNN_ISA
