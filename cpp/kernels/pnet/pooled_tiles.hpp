// P-Net's first layer, in floats and in integers: F(4, 3) down the columns, the plain sum along the
// rows. A tile is four columns and four rows of the convolution, two by two after the pooling. All
// that a vector of tiles needs stays in the L1 cache.
#pragma once
#include "kernels/pnet/blocking.hpp"
#include "kernels/vector.hpp"
#include "kernels/winograd.hpp"
#include "simd/pnet.hpp"

namespace mtcnn::simd::MTCNN_ISA {

constexpr int kTaps = 3, kChannels = 3;
constexpr int kColumns = kPixelPhases;               // columns of the convolution in a tile
constexpr int kPixelColumns = kColumns + kTaps - 1;  // columns of pixels that a tile needs

// Scratch, vectors of tiles: points[point][input][column], products[point][output][column].
constexpr int kPointSize = kChannels * kPixelColumns * kLanes;
constexpr int kProductSize = kPoolBlock * kColumns * kLanes;
static_assert(kRowPoints * (kPointSize + kProductSize) <= kScratch);

// Sets points to B^T d of every column of pixels. pixels(row, offset) returns a vector V of them.
template <typename V, typename Value, typename Pixels>
inline void transform_pixels(std::ptrdiff_t pitch, const Pixels& pixels, Value* points) {
    for (int channel = 0; channel < kChannels; ++channel) {
#pragma GCC unroll 6
        for (int column = 0; column < kPixelColumns; ++column, points += kLanes) {
            const std::ptrdiff_t from =
                (channel * kPixelPhases + column % kPixelPhases) * pitch + column / kPixelPhases;
            V d[kInputRows], v[kRowPoints];
            for (int y = 0; y < kInputRows; ++y) d[y] = pixels(y, from);
            transform_inputs(d, v);
            for (int p = 0; p < kRowPoints; ++p) store(points + p * kPointSize, v[p]);
        }
    }
}

// Sets products to the sums over channels and taps, of a block of outputs. start(c) returns the
// first value of a sum of the bias point; add(sum, weight, value) adds a product to a sum.
template <typename V, typename Value, typename Start, typename Add>
inline void multiply_pixels(const Value* points, const Value* kernel, const Start& start,
                            const Add& add, Value* products) {
    for (int p = 0; p < kRowPoints; ++p) {
        V sum[kPoolBlock][kColumns];
#pragma GCC unroll 2
        for (int c = 0; c < kPoolBlock; ++c) {
            const V first = p == kBiasPoint ? start(c) : V{};
#pragma GCC unroll 4
            for (V& s : sum[c]) s = first;
        }
        for (int channel = 0; channel < kChannels; ++channel, kernel += kPoolBlock * kTaps) {
#pragma GCC unroll 6
            for (int column = 0; column < kPixelColumns; ++column, points += kLanes) {
                const V value = load<V>(points);
#pragma GCC unroll 2
                for (int c = 0; c < kPoolBlock; ++c)
#pragma GCC unroll 3
                    for (int tap = 0; tap < kTaps; ++tap)
                        if (column >= tap && column - tap < kColumns)
                            add(sum[c][column - tap], kernel[c * kTaps + tap], value);
            }
        }
#pragma GCC unroll 2
        for (int c = 0; c < kPoolBlock; ++c)
#pragma GCC unroll 4
            for (int column = 0; column < kColumns; ++column, products += kLanes)
                store(products, sum[c][column]);
    }
}

// Returns all ones for the tiles whose column is over the edge.
inline Integers over_edge(const PoolingEdge& edge, int tile, int column) {
    return kColumns * (tile + kLaneNumbers) + column >= edge.columns;
}

// Repeats rows and columns that exist over those that do not, which leaves every maximum and
// minimum as it is. missing: all ones in the tiles that have no right column.
template <typename V, typename Mask>
inline void extend(const PoolingEdge& edge, Mask missing, V (&left)[kStripRows],
                   V (&right)[kStripRows]) {
    for (int y = 0; y < kStripRows; ++y) right[y] = missing ? left[y] : right[y];
    for (int y = 1; y < kStripRows; y += 2) {
        if (y < edge.rows) continue;
        left[y] = left[y - 1];
        right[y] = right[y - 1];
    }
}

}  // namespace mtcnn::simd::MTCNN_ISA
