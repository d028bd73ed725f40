// P-Net's first layer in integers: pooled_convolution.cpp with 16 bits throughout. A Pair holds the
// same value of two tiles, kLanes apart, until two channels' results become Pairs of channels.
#include "simd/pairs.hpp"
#include "simd/table.hpp"
#include "simd/winograd.hpp"
#include "simd/winograd_blocking.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

constexpr int kTaps = 3, kChannels = 3;
constexpr int kColumns = kPixelPhases;               // of the convolution, in a tile
constexpr int kPixelColumns = kColumns + kTaps - 1;  // that it needs

typedef Pairs Column[kStripRows];  // of the convolution, in two tiles

// Scratch: points[point][input][column], products[point][output][column].
constexpr int kPointSize = kChannels * kPixelColumns * kLanes;
constexpr int kProductSize = kPoolBlock * kColumns * kLanes;
static_assert(kRowPoints * (kPointSize + kProductSize) <= kScratch);

// Where two vectors of tiles begin; at the end of a row they may be the same.
struct Tiles {
    int even, odd;
};

// Where the unit of a float is 1, its low bits are an integer.
inline Sums pixels(const float* from) {
    constexpr float kUnitsOfOne = 3 << 22;
    return (Sums)(load<Vector>(from) * kPixelUnits + (kUnitsOfOne - kPixelOrigin * kPixelUnits));
}

// points = B^T d of every column of pixels.
inline void transform(const InputRows& in, Tiles tiles, Pair* points) {
    for (int channel = 0; channel < kChannels; ++channel) {
#pragma GCC unroll 6
        for (int column = 0; column < kPixelColumns; ++column, points += kLanes) {
            const std::ptrdiff_t from =
                (channel * kPixelPhases + column % kPixelPhases) * in.pitch + column / kPixelPhases;
            Pairs d[kInputRows], v[kRowPoints];
            for (int y = 0; y < kInputRows; ++y)
                d[y] = low_halves(pixels(in.row[y] + from + tiles.even),
                                  pixels(in.row[y] + from + tiles.odd));
            transform_inputs(d, v);
            for (int p = 0; p < kRowPoints; ++p) store(points + p * kPointSize, v[p]);
        }
    }
}

inline Pairs both(std::int32_t value) {
    const auto half = static_cast<std::int16_t>(value);
    return broadcast({half, half});
}

// The sums over channels and taps, of a block of outputs.
inline void multiply(const Pair* points, const Pair* kernel, const std::int32_t* bias,
                     Pair* products) {
    for (int p = 0; p < kRowPoints; ++p) {
        Pairs sum[kPoolBlock][kColumns];
#pragma GCC unroll 2
        for (int c = 0; c < kPoolBlock; ++c) {
            const Pairs start = both(p == kBiasPoint ? bias[c] : 0);
#pragma GCC unroll 4
            for (Pairs& s : sum[c]) s = start;
        }
        for (int channel = 0; channel < kChannels; ++channel, kernel += kPoolBlock * kTaps) {
#pragma GCC unroll 6
            for (int column = 0; column < kPixelColumns; ++column, points += kLanes) {
                const Pairs value = load<Pairs>(points);
#pragma GCC unroll 2
                for (int c = 0; c < kPoolBlock; ++c)
#pragma GCC unroll 3
                    for (int tap = 0; tap < kTaps; ++tap)
                        if (column >= tap && column - tap < kColumns)
                            add(sum[c][column - tap],
                                multiply_round(broadcast(kernel[c * kTaps + tap]), value));
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
inline void extend(const PoolingEdge& edge, Tiles tiles, int column, Column& left, Column& right) {
    const auto missing = [&](int tile) {
        return (Sums)(kColumns * (tile + kLaneNumbers) + column >= edge.columns);
    };
    const Pairs both = low_halves(missing(tiles.even), missing(tiles.odd));
    for (int y = 0; y < kStripRows; ++y) right[y] = (left[y] & both) | (right[y] & ~both);
    for (int y = 1; y < kStripRows; y += 2) {
        if (y < edge.rows) continue;
        left[y] = left[y - 1];
        right[y] = right[y - 1];
    }
}

inline void transform_output(const Pair* products, Column& column) {
    Pairs m[kRowPoints];
    for (int p = 0; p < kRowPoints; ++p) m[p] = load<Pairs>(products + p * kProductSize);
    m[kRowPoints - 1] *= kLastPointShare;
    transform_outputs(m, column);
}

// The largest and the smallest of a window.
struct Extremes {
    Pairs largest, smallest;
};

inline Extremes extremes(Pairs a, Pairs b, Pairs c, Pairs d) {
    return {maximum(maximum(a, b), maximum(c, d)), minimum(minimum(a, b), minimum(c, d))};
}

// Of the two pooled rows of a phase of a channel.
template <bool kEdge>
inline void pool_phase(const Pair* products, const PoolingEdge& edge, Tiles tiles, int column,
                       Extremes (&pooled)[kPooledRows]) {
    Column left, right;
    transform_output(products, left);
    transform_output(products + kLanes, right);
    if constexpr (kEdge) extend(edge, tiles, column, left, right);
#pragma GCC unroll 2
    for (int y = 0; y < kPooledRows; ++y)
        pooled[y] = extremes(left[2 * y], right[2 * y], left[2 * y + 1], right[2 * y + 1]);
}

// The maximum of a PReLU over a window is at the largest value or, with a negative slope, at the
// smallest.
inline void store_pooled(const Activation& activation, bool falls, const Extremes& even,
                         const Extremes& odd, Tiles tiles, Pair* to) {
    const auto of = [&](auto halves) {
        const Pairs high = activation(halves((Sums)even.largest, (Sums)odd.largest));
        if (!falls) return high;
        return maximum(high, activation(halves((Sums)even.smallest, (Sums)odd.smallest)));
    };
    store(to + tiles.even, of(low_halves));
    store(to + tiles.odd, of(high_halves));
}

template <bool kEdge>
void pool_tiles(const IntegerConvolution& layer, const InputRows& in, const PoolingEdge& edge,
                Tiles tiles, Pair* scratch, Pair* const* out) {
    static_assert(kPoolBlock == 2);
    Pair *const points = scratch, *const products = scratch + kRowPoints * kPointSize;
    transform(in, tiles, points);
    const Pair* kernel = layer.kernel;
    for (int pair = 0; pair < layer.outputs / 2; ++pair) {
        multiply(points, kernel, layer.bias + 2 * pair, products);
        kernel += kRowPoints * kChannels * kPoolBlock * kTaps;
        const Activation activation(layer, pair);
        const bool falls = layer.fall[pair].even < 0 || layer.fall[pair].odd < 0;
#pragma GCC unroll 2
        for (int phase = 0; phase < kPhases; ++phase) {
            const Pair* from = products + 2 * phase * kLanes;
            Extremes even[kPooledRows], odd[kPooledRows];
            pool_phase<kEdge>(from, edge, tiles, 2 * phase + 1, even);
            pool_phase<kEdge>(from + kColumns * kLanes, edge, tiles, 2 * phase + 1, odd);
            for (int y = 0; y < kPooledRows; ++y)
                store_pooled(activation, falls, even[y], odd[y], tiles,
                             out[y] + (pair * kPhases + phase) * in.pitch);
        }
    }
}

}  // namespace

void pool_pairs(const IntegerConvolution& layer, const InputRows& in, const PoolingEdge& edge,
                int tiles, Pair* scratch, Pair* const* out) {
    int tile = 0;
    if (edge.rows == kStripRows)
        for (; tile + 2 * kLanes < tiles; tile += 2 * kLanes)
            pool_tiles<false>(layer, in, edge, {tile, tile + kLanes}, scratch, out);
    for (; tile < tiles; tile += 2 * kLanes) {
        const int odd = tile + kLanes < tiles ? tile + kLanes : tile;
        pool_tiles<true>(layer, in, edge, {tile, odd}, scratch, out);
    }
}

}  // namespace mtcnn::simd::MTCNN_ISA
