// P-Net's second and third convolution in integers: the filtering of convolution.hpp on
// Pairs. Transforms are in 16 bits, sums of products in 32, of which the upper half goes on.
#include "kernels/pnet/cell_values.hpp"
#include "kernels/pnet/input_tiles.hpp"
#include "kernels/pnet/pairs.hpp"
#include "kernels/table.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

constexpr std::uint32_t kHalf = 1 << 15;  // added to a sum, so that its upper half is rounded

// Sets products[point][pair of channels][vector] of a block of output channels to the sums over the
// inputs.
template <int kInputs, int kVectors>
inline void multiply(const Pair* points, const Pair* kernel, const std::int32_t* bias,
                     Pair* products) {
    constexpr int kBias = kColumnPoints * kBiasPoint + kBiasPoint;
    for (int p = 0; p < kPoints; ++p) {
        Sums sum[kChannelBlock][kVectors];
#pragma GCC unroll 8
        for (int c = 0; c < kChannelBlock; ++c) {
            const Sums start = Sums{} + (p == kBias ? kHalf + bias[c] : kHalf);
#pragma GCC unroll 4
            for (int v = 0; v < kVectors; ++v) sum[c][v] = start;
        }
        const Pair* point = points + p * point_size(kMostInputs, kVectors);
#pragma GCC unroll 8
        for (int i = 0; i < kInputs / 2; ++i, point += kVectors * kLanes, kernel += kChannelBlock) {
            Pairs value[kVectors];
#pragma GCC unroll 4
            for (int v = 0; v < kVectors; ++v) value[v] = load<Pairs>(point + v * kLanes);
#pragma GCC unroll 8
            for (int c = 0; c < kChannelBlock; ++c) {
                const Pairs weights = broadcast(kernel[c]);
#pragma GCC unroll 4
                for (int v = 0; v < kVectors; ++v) add_products(sum[c][v], weights, value[v]);
            }
        }
        Pair* product = products + p * point_size(kChannelBlock, kVectors);
#pragma GCC unroll 4
        for (int c = 0; c < kChannelBlock; c += 2)
#pragma GCC unroll 4
            for (int v = 0; v < kVectors; ++v, product += kLanes)
                store(product, high_halves(sum[c][v], sum[c + 1][v]));
    }
}

// Computes one vector of tiles of one pair of channels: A^T m, then PReLU.
template <int kStride>
inline void transform_output(const Pair* products, const Activation& activation,
                             std::ptrdiff_t pitch, Pair* const* out, std::ptrdiff_t to) {
    Pairs columns[kPhases][kRowPoints];
#pragma GCC unroll 6
    for (int p = 0; p < kRowPoints; ++p) {
        Pairs m[kColumnPoints], y[kPhases];
#pragma GCC unroll 4
        for (int q = 0; q < kColumnPoints; ++q)
            m[q] = load<Pairs>(products + (kColumnPoints * p + q) * kStride);
        transform_outputs(m, y);
        columns[0][p] = y[0];
        columns[1][p] = y[1];
    }
#pragma GCC unroll 2
    for (int phase = 0; phase < kPhases; ++phase) {
        Pairs y[kStripRows];
        columns[phase][kRowPoints - 1] *= kLastPointShare;
        transform_outputs(columns[phase], y);
#pragma GCC unroll 4
        for (int row = 0; row < kStripRows; ++row)
            store(out[row] + to + phase * pitch, activation(y[row]));
    }
}

// Computes kVectors vectors of tiles, from `tile` on, and writes them to out[row] + to, phases
// `pitch` apart.
template <int kInputs, int kVectors>
void convolve_tiles(const IntegerConvolution& layer, const PairRows& in, int tile, Pair* scratch,
                    std::ptrdiff_t pitch, Pair* const* out, std::ptrdiff_t to) {
    Pair *points = scratch, *products = scratch + kPointsSize;
    transform_input<Pairs, kVectors>(in, kInputs / 2, tile, points);
    const Pair* kernel = layer.kernel;
    for (int first = 0; first < layer.outputs; first += kChannelBlock) {
        multiply<kInputs, kVectors>(points, kernel, layer.bias + first, products);
        kernel += kPoints * (kInputs / 2) * kChannelBlock;
        for (int c = 0; c < kChannelBlock / 2; ++c) {
            const int pair = first / 2 + c;
            const Activation activation(layer, pair);
            for (int v = 0; v < kVectors; ++v)
                transform_output<point_size(kChannelBlock, kVectors)>(
                    products + (c * kVectors + v) * kLanes, activation, pitch, out,
                    to + pair * kPhases * pitch + v * kLanes);
        }
    }
}

// Computes values [first, first + kValues) of the heads from rows [0, kRows) of features.
template <int kRows, int kValues>
inline void multiply_head(const IntegerHead& head, int first, const Pair* features,
                          Values (&cells)[kRows][kValues]) {
    const int inputs = head.inputs / 2;
    const Pair* kernel = head.kernel + first * inputs;
    Sums sums[kRows][kValues][kPhases] = {};
    for (int i = 0; i < inputs; ++i, ++kernel, features += kPhases * kFeaturePitch)
#pragma GCC unroll 4
        for (int row = 0; row < kRows; ++row)
#pragma GCC unroll 2
            for (int phase = 0; phase < kPhases; ++phase) {
                const Pairs feature =
                    load<Pairs>(features + row * kFeatureRow + phase * kFeaturePitch);
#pragma GCC unroll 4
                for (int v = 0; v < kValues; ++v)
                    add_products(sums[row][v][phase], broadcast(kernel[v * inputs]), feature);
            }
#pragma GCC unroll 4
    for (int row = 0; row < kRows; ++row)
#pragma GCC unroll 4
        for (int v = 0; v < kValues; ++v)
#pragma GCC unroll 2
            for (int phase = 0; phase < kPhases; ++phase)
                cells[row][v][phase] =
                    __builtin_convertvector((Integers)sums[row][v][phase], Vector) *
                        head.scale[first + v] +
                    head.bias[first + v];
}

// Computes the cells of kVectors vectors of tiles.
template <int kVectors>
void cells_of_tiles(const IntegerConvolution& layer, const IntegerHead& head, const PairRows& in,
                    int tile, float least, Pair* scratch, const CellRows& out) {
    Pair* const features = scratch + kPointsSize + kProductsSize;
    Pair* const rows[] = {features, features + kFeatureRow, features + 2 * kFeatureRow,
                          features + 3 * kFeatureRow};
    convolve_tiles<kFeatureChannels, kVectors>(layer, in, tile, scratch, kFeaturePitch, rows, 0);
    const auto multiply = [&](int first, const Pair* features, auto& cells) {
        multiply_head(head, first, features, cells);
    };
    for (int v = 0; v < kVectors; ++v)
        store_cells_of_tiles(multiply, features + v * kLanes, least, tile + v * kLanes, out);
}

}  // namespace

void convolve_pairs(const IntegerConvolution& layer, const PairRows& in, int tiles, Pair* scratch,
                    Pair* const* out) {
    for_tiles(tiles, [&](int tile, auto count) {
        convolve_tiles<kPooledChannels, count.value>(layer, in, tile, scratch, in.pitch, out, tile);
    });
}

void cells_of_pairs(const IntegerConvolution& layer, const IntegerHead& head, const PairRows& in,
                    int tiles, float least, Pair* scratch, const CellRows& out) {
    for_tiles(tiles, [&](int tile, auto count) {
        cells_of_tiles<count.value>(layer, head, in, tile, least, scratch, out);
    });
}

}  // namespace mtcnn::simd::MTCNN_ISA
