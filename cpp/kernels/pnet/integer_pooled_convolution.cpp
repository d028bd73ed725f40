// P-Net's first layer in integers, all of it in 16 bits. A Pair holds the same value of two tiles,
// kLanes apart, until the results of two channels become Pairs of channels.
#include "kernels/pnet/pairs.hpp"
#include "kernels/pnet/pooled_tiles.hpp"
#include "kernels/table.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

typedef Pairs Column[kStripRows];  // a column of the convolution, in two tiles

// The first tiles of two vectors; at the end of a row they may be the same.
struct Tiles {
    int even, odd;
};

// Returns pixels as integers (kPixelUnits) in the low halves. The last bit of a float near 3 << 22
// is worth 1, so that its low bits are the integer.
inline Sums as_integers(const float* pixels) {
    constexpr float kUnitsOfOne = 3 << 22;
    return (Sums)(load<Vector>(pixels) * kPixelUnits + (kUnitsOfOne - kPixelOrigin * kPixelUnits));
}

// Returns Pairs both halves of which are the value.
inline Pairs both(std::int32_t value) {
    const auto half = static_cast<std::int16_t>(value);
    return broadcast({half, half});
}

// Computes a column: A^T m.
inline void transform_output(const Pair* products, Column& column) {
    Pairs m[kRowPoints];
    for (int p = 0; p < kRowPoints; ++p) m[p] = load<Pairs>(products + p * kProductSize);
    m[kRowPoints - 1] *= kLastPointShare;
    transform_outputs(m, column);
}

// The largest and the smallest value of a window.
struct Extremes {
    Pairs largest, smallest;
};

inline Extremes extremes(Pairs a, Pairs b, Pairs c, Pairs d) {
    return {maximum(maximum(a, b), maximum(c, d)), minimum(minimum(a, b), minimum(c, d))};
}

// Computes the extremes of the two pooled rows, for one phase of a channel.
template <bool kEdge>
inline void pool_phase(const Pair* products, const PoolingEdge& edge, Tiles tiles, int column,
                       Extremes (&pooled)[kPooledRows]) {
    Column left, right;
    transform_output(products, left);
    transform_output(products + kLanes, right);
    if constexpr (kEdge) {
        const Pairs missing = low_halves((Sums)over_edge(edge, tiles.even, column),
                                         (Sums)over_edge(edge, tiles.odd, column));
        extend(edge, (SignedPairs)missing, left, right);
    }
#pragma GCC unroll 2
    for (int y = 0; y < kPooledRows; ++y)
        pooled[y] = extremes(left[2 * y], right[2 * y], left[2 * y + 1], right[2 * y + 1]);
}

// Writes the maxima of two channels' PReLUs over their windows. The maximum is at the largest value
// or, with a negative slope, maybe at the smallest.
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

// Computes two vectors of tiles. kEdge: some of them may hang over the edge.
template <bool kEdge>
void pool_tiles(const IntegerConvolution& layer, const InputRows& in, const PoolingEdge& edge,
                Tiles tiles, Pair* scratch, Pair* const* out) {
    static_assert(kPoolBlock == 2);
    Pair *const points = scratch, *const products = scratch + kRowPoints * kPointSize;
    const auto pixels = [&](int y, std::ptrdiff_t from) {
        const float* row = in.row[y] + from;
        return low_halves(as_integers(row + tiles.even), as_integers(row + tiles.odd));
    };
    const auto add_product = [](Pairs& sum, Pair weight, Pairs value) {
        add(sum, multiply_round(broadcast(weight), value));
    };
    transform_pixels<Pairs>(in.pitch, pixels, points);
    const Pair* kernel = layer.kernel;
    for (int pair = 0; pair < layer.outputs / 2; ++pair) {
        const auto start = [&](int c) { return both(layer.bias[2 * pair + c]); };
        multiply_pixels<Pairs>(points, kernel, start, add_product, products);
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
